/** Source: Amazon States Language, "Input and Output Processing", "Payload Template"; developer guide, "Workflow variables". */
import { Harness, only } from './harness';

const jsonata = { QueryLanguage: 'JSONata' };

describe('JSONPath', () => {
  test.each([
    ['InputPath', { Type: 'Pass', InputPath: '$.a' }, { a: { b: 1 }, c: 2 }, { b: 1 }],
    ['InputPath null is an empty object', { Type: 'Pass', InputPath: null }, { a: 1 }, {}],
    ['Result takes the place of the input', { Type: 'Pass', Result: [1] }, { a: 1 }, [1]],
    ['ResultPath joins', { Type: 'Pass', Result: 1, ResultPath: '$.x.y' }, { a: 1 }, { a: 1, x: { y: 1 } }],
    ['ResultPath null drops the result', { Type: 'Pass', Result: 1, ResultPath: null }, { a: 1 }, { a: 1 }],
    ['ResultPath into a list', { Type: 'Pass', Result: 9, ResultPath: '$.l[1]' }, { l: [1, 2] }, { l: [1, 9] }],
    ['OutputPath', { Type: 'Pass', OutputPath: '$.a' }, { a: [1] }, [1]],
    [
      'Parameters at any depth',
      { Type: 'Pass', Parameters: { 'a.$': '$.x', b: [{ 'c.$': '$.y' }], d: { 'e.$': "States.Format('{}!', $.x)" } } },
      { x: 'hi', y: 2 },
      { a: 'hi', b: [{ c: 2 }], d: { e: 'hi!' } },
    ],
    [
      'a path with several answers gives a list',
      { Type: 'Pass', InputPath: '$.l[*].n' },
      { l: [{ n: 1 }, { n: 2 }] },
      [1, 2],
    ],
    ['a filter', { Type: 'Pass', InputPath: '$.l[?(@.n > 1)].n' }, { l: [{ n: 1 }, { n: 2 }] }, [2]],
    ['anywhere below', { Type: 'Pass', InputPath: '$..n' }, { l: [{ n: 1 }], n: 3 }, [3, 1]],
    ['a slice', { Type: 'Pass', InputPath: '$.l[1:3]' }, { l: [1, 2, 3, 4] }, [2, 3]],
    ['from the end', { Type: 'Pass', InputPath: '$.l[-1]' }, { l: [1, 2, 3] }, 3],
    ['a name in quotes', { Type: 'Pass', InputPath: "$['a b'].c" }, { 'a b': { c: 1 } }, 1],
  ])('%s', (_name, state, input, expected) => {
    expect(new Harness().run(only(state), input)).toMatchObject({ status: 'SUCCEEDED', output: expected });
  });

  test('a missing path fails with States.Runtime, says where, and no catcher gets it', () => {
    const harness = new Harness();
    expect(harness.run(only({ Type: 'Pass', Parameters: { 'a.$': '$.no' } }), { b: 1 })).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'S' (entered at the event id #2). The JSONPath '$.no' specified for the field 'a.$' could not be found in the input '{\"b\":1}'",
    });
  });

  test('the context object', () => {
    const harness = new Harness();
    const parameters = { 'n.$': '$$.State.Name', 'i.$': '$$.Execution.Input.a', 'm.$': '$$.StateMachine.Name' };
    const { output } = harness.run(only({ Type: 'Pass', Parameters: parameters }), { a: 5 });
    expect(output).toEqual({ n: 'S', i: 5, m: 'm1' });
  });
});

describe('JSONata', () => {
  test.each([
    [
      'Output',
      { Type: 'Pass', Output: { a: '{% $states.input.x + 1 %}', b: ['{% "c" %}', 'plain'] } },
      { x: 1 },
      { a: 2, b: ['c', 'plain'] },
    ],
    ['without Output the input passes', { Type: 'Pass' }, { x: 1 }, { x: 1 }],
    ['one answer of a path is no list', { Type: 'Pass', Output: '{% $states.input.l.n %}' }, { l: [{ n: 1 }] }, 1],
    ['functions of Step Functions', { Type: 'Pass', Output: '{% $partition([1,2,3], 2) %}' }, {}, [[1, 2], [3]]],
    ['$parse', { Type: 'Pass', Output: '{% $parse("{\\"a\\":[1]}").a %}' }, {}, [1]],
    ['$hash', { Type: 'Pass', Output: '{% $hash("abc", "MD5") %}' }, {}, '900150983cd24fb0d6963f7d28e17f72'],
    ['higher-order functions', { Type: 'Pass', Output: '{% $map([1,2], function($v) { $v * 2 }) %}' }, {}, [2, 4]],
    [
      'objects built in parallel',
      { Type: 'Pass', Output: '{% $states.input.l{k: v} %}' },
      {
        l: [
          { k: 'a', v: 1 },
          { k: 'b', v: 2 },
        ],
      },
      { a: 1, b: 2 },
    ],
    [
      '$sort, $reduce',
      { Type: 'Pass', Output: '{% $reduce($sort([3,1,2]), function($a, $b) { $a & "-" & $b }) %}' },
      {},
      '1-2-3',
    ],
  ])('%s', (_name, state, input, expected) => {
    expect(new Harness().run(only(state, jsonata), input)).toMatchObject({ status: 'SUCCEEDED', output: expected });
  });

  test.each([
    ['nothing', '{% $states.input.no %}', 'returned nothing (undefined).'],
    ['an error', '{% $uppercase(1) %}', 'threw an error during evaluation. T0410: '],
    ['text as code', '{% $eval("1") %}', 'threw an error during evaluation. T1006: '],
  ])('%s fails the evaluation', (_name, expression, text) => {
    const harness = new Harness();
    const arn = harness.start(only({ Type: 'Pass', Output: { deep: expression } }, jsonata));
    const { error, cause } = harness.ran(arn);
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(`specified for the field 'Output/deep' ${text}`);
    expect(harness.chain(arn)).toEqual([
      '1<0 ExecutionStarted',
      '2<0 PassStateEntered',
      '3<0 EvaluationFailed',
      '4<3 ExecutionFailed',
    ]);
  });

  test('an expression that does not end is stopped', () => {
    const endless = '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}';
    expect(new Harness().run(only({ Type: 'Pass', Output: endless }, jsonata)).error).toBe(
      'States.QueryEvaluationError',
    );
  });

  test("clock and chance are the service's own", () => {
    const output = { now: '{% $now() %}', ms: '{% $millis() %}', r: '{% $random() %}', id: '{% $uuid() %}' };
    const first = new Harness('a').run(only({ Type: 'Pass', Output: output }, jsonata)).output;
    expect(first.ms).toBe(1_700_000_000_000);
    expect(first.now).toBe('2023-11-14T22:13:20.000Z');
    expect(new Harness('a').run(only({ Type: 'Pass', Output: output }, jsonata)).output).toEqual(first);
    expect(new Harness('b').run(only({ Type: 'Pass', Output: output }, jsonata)).output.r).not.toBe(first.r);
  });
});

describe('variables', () => {
  test('Assign and Output see the old values; later states the new ones', () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: { before: '{% $n %}' }, Next: 'C' },
        C: { Type: 'Pass', Output: { before: '{% $states.input.before %}', after: '{% $n %}' }, End: true },
      },
    };
    expect(new Harness().run(definition).output).toEqual({ before: 1, after: 2 });
  });

  test('an iteration reads the outer ones and keeps its own to itself', () => {
    const inner = { Type: 'Pass', Assign: { n: '{% $n + $states.input %}' }, Next: 'E' };
    const end = { Type: 'Pass', Output: '{% $n %}', End: true };
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { n: 10 }, Next: 'M' },
        M: { Type: 'Map', Items: [1, 2], ItemProcessor: { StartAt: 'I', States: { I: inner, E: end } }, Next: 'Z' },
        Z: { Type: 'Pass', Output: { each: '{% $states.input %}', outer: '{% $n %}' }, End: true },
      },
    };
    expect(new Harness().run(definition).output).toEqual({ each: [11, 12], outer: 10 });
  });

  test('a branch in JSONPath reads the outer ones', () => {
    const inner = { StartAt: 'I', States: { I: { Type: 'Pass', InputPath: '$v', End: true } } };
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { v: 1 }, Next: 'B' },
        B: { Type: 'Parallel', Branches: [inner], End: true },
      },
    };
    expect(new Harness().run(definition).output).toEqual([1]);
  });

  test('JSONPath reads them by $name', () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { 'v.$': '$.a', fixed: { deep: [7] } }, Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'v.$': '$v', 'd.$': '$fixed.deep[0]' }, End: true },
      },
    };
    expect(new Harness().run(definition, { a: 'x' }).output).toEqual({ v: 'x', d: 7 });
  });
});
