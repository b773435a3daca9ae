/** Source: Step Functions developer guide, "Restarting state machine executions with redrive"; RedriveExecution. */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, only, task } from './harness';

const types = (harness: Harness, executionArn: string): string[] =>
  harness.events(executionArn).map(({ type }) => type);
/** The redrive's own event, and what came after it. */
const since = (harness: Harness, executionArn: string): string[] => {
  const all = types(harness, executionArn);
  return all.slice(all.lastIndexOf('ExecutionRedriven'));
};
const payload = ({ input }: { input: Json }): Json => JSON.parse(Buffer.from(input.Payload, 'base64').toString());

/** A branch of one function call, whose result becomes a variable before a second call. */
const twoCalls = (name: string): Json => ({
  StartAt: `${name}1`,
  States: {
    [`${name}1`]: {
      Type: 'Task',
      Resource: functionArn,
      Parameters: { call: `${name}1` },
      Assign: { first: { 'of.$': '$' } },
      Next: `${name}2`,
    },
    [`${name}2`]: {
      Type: 'Task',
      Resource: functionArn,
      Parameters: { call: `${name}2`, 'first.$': '$first.of' },
      End: true,
    },
  },
});
const parallel = (more: Json = {}): Json =>
  only({ Type: 'Parallel', Branches: [twoCalls('A'), twoCalls('B')], ...more });

test('redriven from the state that failed, with the variables and the input it had', () => {
  const harness = new Harness();
  const { States } = task({ Parameters: { 'v.$': '$v' } });
  const executionArn = harness.start({
    StartAt: 'A',
    States: { A: { Type: 'Pass', Assign: { v: 7 }, Result: 'in', Next: 'S' }, ...States },
  });
  harness.throws('Boom');
  expect(harness.ran(executionArn).status).toBe('FAILED');
  harness.must('RedriveExecution', { executionArn });
  const { input } = harness.returns('done');
  expect(Buffer.from(input.Payload, 'base64').toString()).toBe('{"v":7}');
  expect(harness.ran(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 'done' });
  expect(harness.events(executionArn).map(({ type }) => type)).toContain('ExecutionRedriven');
  expect(harness.refusal('RedriveExecution', { executionArn })).toBe('ExecutionNotRedrivable');
});

test('a state is gone on with, not entered again; its retries begin anew', () => {
  const harness = new Harness();
  const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const executionArn = harness.start(task({ Retry }));
  for (let attempt = 0; attempt < 2; attempt++) {
    harness.throws('Busy');
    harness.pass(1000);
  }
  expect(harness.ran(executionArn).status).toBe('FAILED');
  harness.must('RedriveExecution', { executionArn });
  harness.throws('Busy');
  harness.pass(1000);
  harness.returns('done');
  const call = ['LambdaFunctionScheduled', 'LambdaFunctionStarted'];
  expect(since(harness, executionArn)).toEqual([
    'ExecutionRedriven',
    ...[...call, 'LambdaFunctionFailed'],
    ...[...call, 'LambdaFunctionSucceeded'],
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

test('of a Parallel, only the branches that failed or were aborted, from where they were, with their variables', () => {
  const harness = new Harness();
  const executionArn = harness.start(parallel());
  harness.returns('a1');
  harness.returns('b1');
  harness.returns('a2');
  harness.throws('Boom');
  expect(harness.ran(executionArn).status).toBe('FAILED');
  harness.must('RedriveExecution', { executionArn });
  expect(harness.calls.map(payload)).toEqual([{ call: 'B2', first: 'b1' }]);
  harness.returns('b2');
  expect(harness.ran(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: ['a2', 'b2'] });
  expect(since(harness, executionArn)).not.toContain('ParallelStateStarted');
});

test('nested, stopped in the middle: every branch goes on in its own state', () => {
  const harness = new Harness();
  const inner = { Type: 'Parallel', Branches: [twoCalls('A'), twoCalls('B')], End: true };
  const Branches = [{ StartAt: 'In', States: { In: inner } }, twoCalls('C')];
  const executionArn = harness.start(only({ Type: 'Parallel', Branches }));
  for (const result of ['a1', 'b1']) harness.returns(result);
  const asked = harness.calls.splice(0).map(payload);
  expect(asked.map(({ call }) => call)).toEqual(['C1', 'A2', 'B2']);
  harness.must('StopExecution', { executionArn });
  harness.must('RedriveExecution', { executionArn });
  expect(harness.calls.map(payload)).toEqual([
    { call: 'A2', first: 'a1' },
    { call: 'B2', first: 'b1' },
    { call: 'C1' },
  ]);
  for (const result of ['a2', 'b2', 'c1', 'c2']) harness.returns(result);
  expect(harness.ran(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: [['a2', 'b2'], 'c2'] });
});

test('a second redrive goes on from what the first one reached', () => {
  const harness = new Harness();
  const executionArn = harness.start(parallel());
  for (const result of ['a1', 'b1']) harness.returns(result);
  harness.throws('Boom');
  harness.calls.length = 0;
  harness.must('RedriveExecution', { executionArn });
  harness.returns('a2');
  harness.throws('Boom');
  harness.must('RedriveExecution', { executionArn });
  expect(harness.calls.map(payload)).toEqual([{ call: 'B2', first: 'b1' }]);
  harness.returns('b2');
  expect(harness.ran(executionArn).output).toEqual(['a2', 'b2']);
  expect(harness.must('DescribeExecution', { executionArn }).redriveCount).toBe(2);
});

test('a retry after a redrive runs the whole Parallel again', () => {
  const harness = new Harness();
  const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const executionArn = harness.start(parallel({ Retry }));
  harness.returns('a1');
  harness.returns('b1');
  harness.returns('a2');
  harness.throws('Boom');
  harness.must('RedriveExecution', { executionArn });
  harness.throws('Busy');
  harness.pass(1000);
  expect(harness.calls.map(payload).map(({ call }) => call)).toEqual(['A1', 'B1']);
});

test('of a Map, only the iterations that did not succeed', () => {
  const harness = new Harness();
  const ItemProcessor = { StartAt: 'One', States: { One: { Type: 'Task', Resource: functionArn, End: true } } };
  const executionArn = harness.start(only({ Type: 'Map', MaxConcurrency: 2, ItemProcessor }), ['x', 'y', 'z']);
  harness.returns('x!');
  harness.throws('Boom');
  harness.calls.length = 0;
  harness.must('RedriveExecution', { executionArn });
  expect(harness.calls.map(payload)).toEqual(['y', 'z']);
  harness.returns('y!');
  harness.returns('z!');
  expect(harness.ran(executionArn).output).toEqual(['x!', 'y!', 'z!']);
});

test('a Map Run goes on under its own ARN', () => {
  const harness = new Harness();
  const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...twoCalls('A') };
  const executionArn = harness.start(only({ Type: 'Map', ItemProcessor }), ['x', 'y']);
  for (const result of ['x1', 'y1', 'x2']) harness.returns(result);
  harness.throws('Boom');
  harness.must('RedriveExecution', { executionArn });
  expect(harness.calls.map(payload)).toEqual([{ call: 'A2', first: 'y1' }]);
  harness.returns('y2');
  expect(harness.ran(executionArn).output).toEqual(['x2', 'y2']);
  const events = harness.events(executionArn);
  const [begun] = events.filter(({ type }) => type === 'MapRunStarted');
  expect(events.find(({ type }) => type === 'MapRunRedriven')!.mapRunRedrivenEventDetails).toEqual({
    mapRunArn: begun!.mapRunStartedEventDetails.mapRunArn,
    redriveCount: 1,
  });
});

test('a Parallel whose joined results are too large runs again as a whole', () => {
  const harness = new Harness();
  const branch = (name: string): Json => ({
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource: functionArn, End: true } },
  });
  const executionArn = harness.start(only({ Type: 'Parallel', Branches: [branch('A'), branch('B')] }));
  for (let call = 0; call < 2; call++) harness.returns('x'.repeat(150_000));
  expect(harness.ran(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  harness.must('RedriveExecution', { executionArn });
  expect(harness.calls).toHaveLength(2);
});

test('not after 14 days, nor one that succeeded, nor one that runs, nor an Express one', () => {
  const harness = new Harness();
  const failed = harness.start(only({ Type: 'Fail', Error: 'No' }));
  const waiting = harness.start(only({ Type: 'Wait', Seconds: 99_999_999 }));
  const done = harness.start(only({ Type: 'Pass' }));
  const why = (executionArn: string): string =>
    harness.must('DescribeExecution', { executionArn }).redriveStatusReason ?? 'may';
  expect([failed, waiting, done].map(why)).toEqual([
    'may',
    'Execution is RUNNING and cannot be redriven',
    'Execution is SUCCEEDED and cannot be redriven',
  ]);
  harness.must('RedriveExecution', { executionArn: failed });
  expect(harness.ran(failed)).toMatchObject({ status: 'FAILED', error: 'No' });
  harness.pass(15 * 86_400_000);
  expect(why(failed)).toBe('Execution redrive period exceeded');
  for (const executionArn of [failed, waiting, done]) {
    expect(harness.refusal('RedriveExecution', { executionArn })).toBe('ExecutionNotRedrivable');
  }
});
