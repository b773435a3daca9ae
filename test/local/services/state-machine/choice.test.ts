/** Source: Amazon States Language, "Choice State". */
import type { Json } from '../../../../lib/local/services/service';
import { Harness } from './harness';

const decide = (rule: Json, input: Json): Json => {
  const States = {
    C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', Result: true, End: true },
    No: { Type: 'Pass', Result: false, End: true },
  };
  const { status, output, error } = new Harness().run({ StartAt: 'C', States }, input);
  return status === 'SUCCEEDED' ? output : error;
};

const v = (operator: string, expected: Json): Json => ({ Variable: '$.v', [operator]: expected });

test.each<[string, Json, Json, Json]>([
  ['equal texts', v('StringEquals', 'a'), { v: 'a' }, true],
  ['a number is no text', v('StringEquals', '1'), { v: 1 }, false],
  ['order of texts', v('StringLessThan', 'b'), { v: 'a' }, true],
  ['star', v('StringMatches', 'log-*.txt'), { v: 'log-1.txt' }, true],
  ['star, escaped', v('StringMatches', 'a\\*'), { v: 'ab' }, false],
  ['a dot is a dot', v('StringMatches', 'a.c'), { v: 'abc' }, false],
  ['numbers by value', v('NumericEquals', 1), { v: 1.0 }, true],
  ['number and text', v('NumericGreaterThan', 1), { v: '2' }, false],
  ['at the border', v('NumericLessThanEquals', 5), { v: 5 }, true],
  ['boolean', v('BooleanEquals', false), { v: false }, true],
  ['instants in two zones', v('TimestampEquals', '2020-01-01T12:00:00Z'), { v: '2020-01-01T13:00:00+01:00' }, true],
  ['no instant', v('TimestampLessThan', '2020-01-01T12:00:00Z'), { v: '2019-01-01' }, false],
  ['null is', v('IsNull', true), { v: null }, true],
  ['present though null', v('IsPresent', true), { v: null }, true],
  ['not present', v('IsPresent', false), {}, true],
  ['no timestamp', v('IsTimestamp', false), { v: '2020-13-01T00:00:00Z' }, true],
  ['against a path', v('NumericEqualsPath', '$.w'), { v: 2, w: 2 }, true],
  ['and', { And: [v('IsNumeric', true), v('NumericLessThan', 3)] }, { v: 2 }, true],
  ['or', { Or: [v('IsString', true), v('NumericLessThan', 3)] }, { v: 2 }, true],
  ['not', { Not: v('IsString', true) }, { v: 2 }, true],
  ['a missing variable', v('StringEquals', 'a'), {}, 'States.Runtime'],
])('%s', (_name, rule, input, expected) => {
  expect(decide(rule, input)).toBe(expected);
});

test('no rule and no Default: States.NoChoiceMatched', () => {
  const States = { C: { Type: 'Choice', Choices: [{ ...v('IsPresent', true), Next: 'Z' }] }, Z: { Type: 'Succeed' } };
  expect(new Harness().run({ StartAt: 'C', States })).toMatchObject({
    status: 'FAILED',
    error: 'States.NoChoiceMatched',
  });
});

test('in JSONata a condition gives a boolean, and the rule its own Output and Assign', () => {
  const definition = (Condition: string): Json => ({
    QueryLanguage: 'JSONata',
    StartAt: 'C',
    States: {
      C: {
        Type: 'Choice',
        Choices: [{ Condition, Assign: { x: 1 }, Output: 'ruled', Next: 'Z' }],
        Default: 'Z',
        Assign: { x: 2 },
      },
      Z: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}'], End: true },
    },
  });
  expect(new Harness().run(definition('{% $states.input.n > 1 %}'), { n: 2 }).output).toEqual(['ruled', 1]);
  expect(new Harness().run(definition('{% $states.input.n > 1 %}'), { n: 1 }).output).toEqual([{ n: 1 }, 2]);
  const { error, cause } = new Harness().run(definition('{% 1 %}'));
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toContain("Expected 'boolean', but was 'number' for value: 1");
});
