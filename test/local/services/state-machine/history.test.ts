/**
 * Event types, ids and predecessors. Source: Step Functions API reference, HistoryEvent; the chains are those that Step
 * Functions itself writes for machines of this shape.
 */
import type { Json } from '../../../../lib/local/services/service';
import { Harness, only, task } from './harness';

test('states one after the other', () => {
  const harness = new Harness();
  const arn = harness.start(
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } } },
    { x: 1 },
  );
  expect(harness.chain(arn)).toEqual([
    '1<0 ExecutionStarted',
    '2<0 PassStateEntered',
    '3<2 PassStateExited',
    '4<3 SucceedStateEntered',
    '5<4 SucceedStateExited',
    '6<5 ExecutionSucceeded',
  ]);
  expect(harness.events(arn)[1]).toEqual({
    id: 2,
    previousEventId: 0,
    timestamp: 1_700_000_000,
    type: 'PassStateEntered',
    stateEnteredEventDetails: { name: 'A', input: '{"x":1}', inputDetails: { truncated: false } },
  });
});

test('iterations of a Map, one at a time', () => {
  const harness = new Harness();
  const inner = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } };
  const arn = harness.start(only({ Type: 'Map', MaxConcurrency: 1, ItemProcessor: inner }), [1, 2]);
  expect(harness.chain(arn)).toEqual([
    '1<0 ExecutionStarted',
    '2<0 MapStateEntered',
    '3<2 MapStateStarted',
    '4<3 MapIterationStarted',
    '5<4 PassStateEntered',
    '6<5 PassStateExited',
    '7<6 MapIterationSucceeded',
    '8<6 MapIterationStarted',
    '9<8 PassStateEntered',
    '10<9 PassStateExited',
    '11<10 MapIterationSucceeded',
    '12<11 MapStateSucceeded',
    '13<11 MapStateExited',
    '14<13 ExecutionSucceeded',
  ]);
});

test('a distributed Map has a run, and its children histories of their own', () => {
  const harness = new Harness();
  const processor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'I',
    States: { I: { Type: 'Pass', End: true } },
  };
  const arn = harness.start(only({ Type: 'Map', Label: 'items', ItemProcessor: processor }), [1, 2]);
  expect(harness.events(arn).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'MapStateEntered',
    'MapStateStarted',
    'MapRunStarted',
    'MapRunSucceeded',
    'MapStateSucceeded',
    'MapStateExited',
    'ExecutionSucceeded',
  ]);
  expect(harness.events(arn)[3].mapRunStartedEventDetails.mapRunArn).toMatch(/:mapRun:m1\/items:[0-9a-f-]{36}$/);
});

test('branches; the one that fails ends the others', () => {
  const harness = new Harness();
  const branches = [
    { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } },
    { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'No' } } },
  ];
  const arn = harness.start(only({ Type: 'Parallel', Branches: branches }));
  expect(harness.chain(arn)).toEqual([
    '1<0 ExecutionStarted',
    '2<0 ParallelStateEntered',
    '3<2 ParallelStateStarted',
    '4<3 WaitStateEntered',
    '5<3 FailStateEntered',
    '6<5 WaitStateAborted',
    '7<6 ParallelStateFailed',
    '8<7 ExecutionFailed',
  ]);
  harness.settle();
  expect(harness.events(arn)).toHaveLength(8);
});

test('an abort is noted from the inside out', () => {
  const harness = new Harness();
  const inner = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } };
  const branches = [
    { StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [inner], End: true } } },
    { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'No' } } },
  ];
  const arn = harness.start(only({ Type: 'Parallel', Branches: branches }));
  const types = harness.events(arn).map(({ type }) => type);
  expect(types.slice(-4)).toEqual([
    'WaitStateAborted',
    'ParallelStateAborted',
    'ParallelStateFailed',
    'ExecutionFailed',
  ]);
});

test('a function by its ARN has events of its own kind', () => {
  const harness = new Harness();
  const arn = harness.start(task({ TimeoutSeconds: 30 }), { a: 1 });
  harness.returns({ b: 2 });
  expect(harness.events(arn).slice(2, 5)).toMatchObject([
    {
      type: 'LambdaFunctionScheduled',
      lambdaFunctionScheduledEventDetails: { input: '{"a":1}', timeoutInSeconds: 30 },
    },
    { type: 'LambdaFunctionStarted' },
    { type: 'LambdaFunctionSucceeded', lambdaFunctionSucceededEventDetails: { output: '{"b":2}' } },
  ]);
});

test('assigned variables are JSON texts in the exit event', () => {
  const harness = new Harness();
  const arn = harness.start(only({ Type: 'Pass', Assign: { t: 'x', n: 1 } }));
  expect(harness.events(arn)[2].stateExitedEventDetails).toMatchObject({
    assignedVariables: { t: '"x"', n: '1' },
    assignedVariablesDetails: { truncated: false },
  });
});

test('backwards, and in pages', () => {
  const harness = new Harness();
  const executionArn = harness.start(only({ Type: 'Pass' }));
  const first = harness.must('GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 3 });
  expect(first.events.map(({ id }: { id: number }) => id)).toEqual([4, 3, 2]);
  const rest = harness.must('GetExecutionHistory', { executionArn, reverseOrder: true, nextToken: first.nextToken });
  expect(rest.events.map(({ id }: { id: number }) => id)).toEqual([1]);
  expect(rest.nextToken).toBeUndefined();
});

test('without execution data, where that is asked for', () => {
  const harness = new Harness();
  const executionArn = harness.start(only({ Type: 'Pass' }), { secret: 1 });
  const { events } = harness.must('GetExecutionHistory', { executionArn, includeExecutionData: false });
  expect(events).toHaveLength(4);
  expect(JSON.stringify(events)).not.toContain('secret');
  expect(events[1].stateEnteredEventDetails.name).toBe('S');
});

test('the role of Credentials stands beside the call', () => {
  const harness = new Harness();
  const arn = harness.start(task({ Credentials: { 'RoleArn.$': '$.role' } }), {
    role: 'arn:aws:iam::111122223333:role/r',
  });
  const scheduled = harness.events(arn).find(({ type }) => type === 'LambdaFunctionScheduled');
  expect(scheduled!.lambdaFunctionScheduledEventDetails.taskCredentials).toEqual({
    roleArn: 'arn:aws:iam::111122223333:role/r',
  });
});

test('a machine that never ends stops at 25,000 events', () => {
  const harness = new Harness();
  const executionArn = harness.start({
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$', IsPresent: true, Next: 'A' }], Default: 'Z' },
      Z: { Type: 'Succeed' },
    },
  });
  expect(harness.ran(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  const [last, before] = harness.must('GetExecutionHistory', {
    executionArn,
    reverseOrder: true,
    maxResults: 2,
  }).events;
  expect(last).toMatchObject({ id: 25_000, previousEventId: 24_999, type: 'ExecutionFailed' });
  expect(before.id).toBe(24_999);
});

/** It has a state that ends it, which is never reached: one without is refused. */
const endless = (States: Json): Json => ({
  StartAt: 'A',
  States: {
    ...States,
    Again: { Type: 'Choice', Choices: [{ Variable: '$.stop', IsPresent: true, Next: 'Stop' }], Default: 'A' },
    Stop: { Type: 'Succeed' },
  },
});

test('an Express machine that never ends is over after five minutes', () => {
  const harness = new Harness();
  const loop = endless({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Wait', Seconds: 1, Next: 'Again' } });
  harness.must('StartExecution', { stateMachineArn: harness.machine(loop, { type: 'EXPRESS' }) });
  harness.pass(299_999);
  expect(harness.must('$pending')).toMatchObject({ pending: 1 });
  harness.pass(1);
  expect(harness.must('$pending')).toEqual({ pending: 0 });
});

test('one that would never wait takes time all the same', () => {
  const harness = new Harness();
  const loop = endless({ A: { Type: 'Pass', Next: 'Again' } });
  harness.must('StartExecution', { stateMachineArn: harness.machine(loop, { type: 'EXPRESS' }) });
  harness.pass(50);
  expect(harness.must('$pending')).toMatchObject({ pending: 1 });
});

test('a result above 256 KiB fails the state, and no catcher gets it', () => {
  const harness = new Harness();
  const arn = harness.start(task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'S' }] }));
  harness.returns('x'.repeat(262_143));
  expect(harness.ran(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit.",
  });
  const fits = harness.start(task());
  harness.returns('x'.repeat(262_142));
  expect(harness.ran(fits).status).toBe('SUCCEEDED');
});

/** Source: Step Functions developer guide, "Error names": "after Parameters processing, the input of a state is larger". */
test('what goes into the work has 256 KiB at most: nothing is called', () => {
  const harness = new Harness();
  const arn = harness.start(task({ Parameters: { 'a.$': '$', 'b.$': '$' } }), { text: 'x'.repeat(150_000) });
  expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect(harness.calls).toEqual([]);
});

/** Source: Step Functions developer guide, "Quotas": 256 KiB for what one Assign sets, 10 MiB of variables. */
test('variables have their limits', () => {
  const harness = new Harness();
  const large = { a: 'x'.repeat(140_000), b: 'x'.repeat(140_000) };
  expect(harness.run(only({ Type: 'Pass', Assign: large }))).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
  });
  const States = Object.fromEntries(
    Array.from({ length: 42 }, (_, index) => [
      `S${index}`,
      {
        Type: 'Pass',
        Assign: { [`v${index}.$`]: '$.text' },
        ...(index < 41 ? { Next: `S${index + 1}` } : { End: true }),
      },
    ]),
  );
  const input = { text: 'x'.repeat(250_000) };
  // 41 of them are less than 10 MiB, and the 42nd (S41) is too many.
  const { status, cause } = harness.run({ StartAt: 'S0', States }, input);
  expect([status, cause]).toEqual(['FAILED', expect.stringContaining("'S41'")]);
});
