/** The states that no other file here is about. Source: Amazon States Language, one section for each state type. */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, only, task } from './harness';

const jsonata = { QueryLanguage: 'JSONata' };

describe('Wait', () => {
  /** Seconds of the harness's clock (2023-11-14T22:13:20Z) until the execution ends. */
  const waits = (state: Json, input: Json = {}, more: Json = {}): number => {
    const harness = new Harness();
    const executionArn = harness.start(only({ Type: 'Wait', ...state }, more), input);
    harness.settle();
    const { status, startDate, stopDate, output } = harness.must('DescribeExecution', { executionArn });
    expect([status, output]).toEqual(['SUCCEEDED', JSON.stringify(input)]);
    return stopDate - startDate;
  };

  test.each<[string, Json, Json, Json, number]>([
    ['Seconds', { Seconds: 7 }, {}, {}, 7],
    ['Seconds 0', { Seconds: 0 }, {}, {}, 0],
    ['SecondsPath', { SecondsPath: '$.wait.s' }, { wait: { s: 9 } }, {}, 9],
    ['Timestamp', { Timestamp: '2023-11-14T22:14:20Z' }, {}, {}, 60],
    ['TimestampPath, in another zone', { TimestampPath: '$.at' }, { at: '2023-11-14T23:13:30+01:00' }, {}, 10],
    ['a Timestamp that is past', { Timestamp: '2020-01-01T00:00:00Z' }, {}, {}, 0],
    ['an expression of seconds', { Seconds: '{% $states.input.s * 2 %}' }, { s: 4 }, jsonata, 8],
    ['an expression of a time', { Timestamp: '{% $fromMillis($millis() + 3000) %}' }, {}, jsonata, 3],
  ])('%s', (_name, state, input, more, seconds) => {
    expect(waits(state, input, more)).toBe(seconds);
  });

  test.each<[string, Json, Json, Json, string]>([
    ['seconds below 0', { SecondsPath: '$.s' }, { s: -1 }, {}, 'States.Runtime'],
    ['seconds as a text', { SecondsPath: '$.s' }, { s: '1' }, {}, 'States.Runtime'],
    ['a day without a time', { TimestampPath: '$.at' }, { at: '2023-11-14' }, {}, 'States.Runtime'],
    ['later than 2^31 seconds', { TimestampPath: '$.at' }, { at: '2093-01-01T00:00:00Z' }, {}, 'States.Runtime'],
    ['half a second', { Seconds: '{% 0.5 %}' }, {}, jsonata, 'States.QueryEvaluationError'],
  ])('%s fails', (_name, state, input, more, error) => {
    expect(new Harness().run(only({ Type: 'Wait', ...state }, more), input)).toMatchObject({ status: 'FAILED', error });
  });
});

describe('Succeed and Fail', () => {
  test.each<[string, Json, Json, Json]>([
    ['the input passes', {}, {}, { a: { b: 1 } }],
    ['InputPath and OutputPath', { InputPath: '$.a', OutputPath: '$.b' }, {}, 1],
    ['Output', { Output: { was: '{% $states.input.a.b %}' } }, jsonata, { was: 1 }],
  ])('Succeed: %s', (_name, state, more, output) => {
    expect(new Harness().run(only({ Type: 'Succeed', ...state }, more), { a: { b: 1 } })).toMatchObject({
      status: 'SUCCEEDED',
      output,
    });
  });

  const input = { e: 'Late', c: 'by 3 days' };
  test.each<[string, Json, Json, Json]>([
    ['texts', { Error: 'E', Cause: 'C' }, {}, { error: 'E', cause: 'C' }],
    ['neither', {}, {}, { error: undefined, cause: undefined }],
    ['paths', { ErrorPath: '$.e', CausePath: '$.c' }, {}, { error: 'Late', cause: 'by 3 days' }],
    ['functions', { ErrorPath: "States.Format('{}Error', $.e)", Cause: 'C' }, {}, { error: 'LateError', cause: 'C' }],
    [
      'expressions',
      { Error: '{% $states.input.e %}', Cause: '{% $states.input.c & "!" %}' },
      jsonata,
      { error: 'Late', cause: 'by 3 days!' },
    ],
  ])('Fail: %s', (_name, state, more, expected) => {
    expect(new Harness().run(only({ Type: 'Fail', ...state }, more), input)).toEqual({
      status: 'FAILED',
      output: undefined,
      ...expected,
    });
  });

  test('a Choice without a rule that holds and without Default', () => {
    const Choices = [{ Variable: '$.a', NumericEquals: 1, Next: 'E' }];
    const machine = { StartAt: 'S', States: { S: { Type: 'Choice', Choices }, E: { Type: 'Succeed' } } };
    expect(new Harness().run(machine, { a: 2 })).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });
});

/** Source: Step Functions developer guide, "Transforming data with JSONata", "Accessing execution data from the Context object". */
describe('JSONata in every state', () => {
  test('Task: Arguments in, $states.result out, time limits by expression', () => {
    const harness = new Harness();
    const state = {
      Arguments: { order: '{% $states.input.id %}', try: '{% $states.context.State.RetryCount %}' },
      TimeoutSeconds: '{% $states.input.patience %}',
      Output: { got: '{% $states.result.n + 1 %}', was: '{% $states.input.id %}' },
      Assign: { kept: '{% $states.result %}' },
    };
    const arn = harness.start(task({ ...state, ...jsonata }), { id: 7, patience: 30 });
    expect(Buffer.from(harness.calls[0]!.input.Payload, 'base64').toString()).toBe('{"order":7,"try":0}');
    const scheduled = harness.events(arn).find(({ type }) => type === 'LambdaFunctionScheduled')!;
    expect(scheduled.lambdaFunctionScheduledEventDetails.timeoutInSeconds).toBe(30);
    harness.returns({ n: 1 });
    expect(harness.ran(arn).output).toEqual({ got: 2, was: 7 });
  });

  test('Choice: conditions, and what a rule or the state itself puts out', () => {
    const States = {
      S: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.n > 1 %}', Assign: { v: 'big' }, Output: 'rule', Next: 'E' }],
        Default: 'E',
        Assign: { v: 'small' },
        Output: 'state',
      },
      E: { Type: 'Pass', Output: ['{% $v %}', '{% $states.input %}'], End: true },
    };
    const output = (n: number): Json => new Harness().run({ ...jsonata, StartAt: 'S', States }, { n }).output;
    expect([output(2), output(1)]).toEqual([
      ['big', 'rule'],
      ['small', 'state'],
    ]);
    const odd = { S: { ...States.S, Choices: [{ Condition: '{% $states.input.n %}', Next: 'E' }] }, E: States.E };
    expect(new Harness().run({ ...jsonata, StartAt: 'S', States: odd }, { n: 1 }).error).toBe(
      'States.QueryEvaluationError',
    );
  });

  test('Parallel: Arguments for every branch, the results of all as one', () => {
    const branch = (name: string, Output: Json): Json => ({
      StartAt: name,
      States: { [name]: { Type: 'Pass', Output, End: true } },
    });
    const state = {
      Type: 'Parallel',
      Arguments: { n: '{% $states.input.n * 10 %}' },
      Branches: [branch('A', '{% $states.input.n + 1 %}'), branch('B', '{% $states.input.n + 2 %}')],
      Output: { sum: '{% $sum($states.result) %}', was: '{% $states.input.n %}' },
    };
    expect(new Harness().run(only(state, jsonata), { n: 1 }).output).toEqual({ sum: 23, was: 1 });
  });

  test('Map: Items, ItemSelector with the item of the context, concurrency by expression', () => {
    const one = { Type: 'Task', Resource: functionArn, Arguments: '{% $states.input %}', End: true };
    const state = {
      Type: 'Map',
      Items: '{% $states.input.list %}',
      MaxConcurrency: '{% $states.input.atOnce %}',
      ItemSelector: { v: '{% $states.context.Map.Item.Value %}', at: '{% $states.context.Map.Item.Index %}' },
      ItemProcessor: { StartAt: 'One', States: { One: one } },
      Output: '{% $states.result %}',
    };
    const harness = new Harness();
    const arn = harness.start(only(state, jsonata), { list: ['a', 'b', 'c'], atOnce: 2 });
    const asked = harness.calls.map(({ input }) => JSON.parse(Buffer.from(input.Payload, 'base64').toString()));
    expect(asked).toEqual([
      { v: 'a', at: 0 },
      { v: 'b', at: 1 },
    ]);
    for (const result of [1, 2, 3]) harness.returns(result);
    expect(harness.ran(arn).output).toEqual([1, 2, 3]);
  });

  test('one state of a machine in JSONPath', () => {
    const States = {
      A: { Type: 'Pass', Parameters: { 'v.$': '$.x' }, Next: 'B' },
      B: { Type: 'Pass', QueryLanguage: 'JSONata', Output: { w: '{% $states.input.v + 1 %}' }, Next: 'C' },
      C: { Type: 'Pass', InputPath: '$.w', End: true },
    };
    expect(new Harness().run({ StartAt: 'A', States }, { x: 1 }).output).toBe(2);
  });

  test('the context object', () => {
    const harness = new Harness();
    const arn = harness.start(only({ Type: 'Pass', Output: '{% $states.context %}' }, jsonata), { x: 1 });
    expect(harness.ran(arn).output).toEqual({
      Execution: {
        Id: arn,
        Input: { x: 1 },
        Name: arn.split(':').at(-1),
        RoleArn: 'arn:aws:iam::123456789012:role/machine',
        StartTime: '2023-11-14T22:13:20.000Z',
        RedriveCount: 0,
      },
      State: { Name: 'S', EnteredTime: '2023-11-14T22:13:20.000Z' },
      StateMachine: { Id: arn.split(':').slice(0, -1).join(':').replace(':execution:', ':stateMachine:'), Name: 'm1' },
    });
  });
});
