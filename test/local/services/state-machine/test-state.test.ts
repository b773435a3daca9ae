/** Source: Step Functions API reference, TestState; developer guide, "Using TestState API to test a state". */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness } from './harness';

const test1 = (state: Json, more: Json = {}): Json =>
  new Harness().ask('TestState', { definition: JSON.stringify(state), ...more });
const taskState = { Type: 'Task', Resource: functionArn, Next: 'After' };

test('a state by itself: output, and where it leads', () => {
  const state = { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'One' }], Default: 'Other' };
  expect(test1(state, { input: '{"n":1}' }).output).toEqual({
    status: 'SUCCEEDED',
    output: '{"n":1}',
    nextState: 'One',
  });
});

test('a mock takes the place of the work', () => {
  const { output } = test1({ ...taskState, ResultPath: '$.r' }, { input: '{"a":1}', mock: { result: '[1]' } });
  expect(output).toEqual({ status: 'SUCCEEDED', output: '{"a":1,"r":[1]}', nextState: 'After' });
});

test('the work itself, when there is no mock', () => {
  const harness = new Harness();
  harness.ask('TestState', {
    definition: JSON.stringify(taskState),
    input: '{"a":1}',
    roleArn: 'arn:aws:iam::123456789012:role/r',
  });
  harness.returns('done');
  expect([...harness.replies.values()][0]?.output).toEqual({
    status: 'SUCCEEDED',
    output: '"done"',
    nextState: 'After',
  });
});

const errorOutput = { error: 'A', cause: 'why' };
const Retry = [{ ErrorEquals: ['B'] }, { ErrorEquals: ['A'], MaxAttempts: 2, IntervalSeconds: 3 }];
const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];

test.each<[string, Json, number, Json]>([
  ['a retrier that has attempts left', { Retry, Catch }, 1, { status: 'RETRIABLE', error: 'A', cause: 'why' }],
  [
    'one that has none',
    { Retry, Catch },
    2,
    { status: 'CAUGHT_ERROR', error: 'A', cause: 'why', nextState: 'Caught', output: '{"Error":"A","Cause":"why"}' },
  ],
  ['neither', {}, 0, { status: 'FAILED', error: 'A', cause: 'why' }],
])('%s', (_name, more, retrierRetryCount, expected) => {
  const { output } = test1(
    { ...taskState, ...more },
    { mock: { errorOutput }, stateConfiguration: { retrierRetryCount } },
  );
  expect(output).toEqual(expected);
});

test('DEBUG shows the data on its way', () => {
  const state = { Type: 'Pass', InputPath: '$.a', Parameters: { 'x.$': '$.b' }, ResultPath: '$.r', End: true };
  expect(test1(state, { input: '{"a":{"b":1}}', inspectionLevel: 'DEBUG' }).output.inspectionData).toEqual({
    input: '{"a":{"b":1}}',
    afterInputPath: '{"b":1}',
    afterParameters: '{"x":1}',
    afterResultSelector: '{"x":1}',
    afterResultPath: '{"a":{"b":1},"r":{"x":1}}',
  });
});

test('a state of a whole machine by its name, with variables and a context', () => {
  const machine = {
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Pass', Output: ['{% $v %}', '{% $states.context.Execution.Name %}'], End: true },
    },
  };
  const { output } = test1(machine, { stateName: 'B', variables: '{"v":7}', context: '{"Execution":{"Name":"n"}}' });
  expect(output).toEqual({ status: 'SUCCEEDED', output: '[7,"n"]' });
});

test.each<[string, Json, Json, string]>([
  [
    'a Map without a mock',
    { Type: 'Map', ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } }, End: true },
    {},
    'ValidationException',
  ],
  [
    'a wait for a token without one',
    { ...taskState, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' },
    {},
    'ValidationException',
  ],
  ['a Pass with one', { Type: 'Pass', End: true }, { mock: { result: '1' } }, 'ValidationException'],
  ['a mock of both kinds', taskState, { mock: { result: '1', errorOutput } }, 'ValidationException'],
  ['a broken state', { Type: 'Pass', InputPath: 'x', End: true }, {}, 'InvalidDefinition'],
  ['input that is no JSON', { Type: 'Succeed' }, { input: '{' }, 'InvalidExecutionInput'],
])('%s is refused', (_name, state, more, expected) => {
  expect(test1(state, more).error.name).toBe(expected);
});
