/** Source: Step Functions developer guide, "Using CloudWatch Logs to log execution history in Step Functions". */
import type { Json } from '../../../../lib/local/services/service';
import { Harness, only, role, task } from './harness';

const logGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/m:*';
const to = (level: string, includeExecutionData = true): Json => ({
  loggingConfiguration: { level, includeExecutionData, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }] },
});

const failing = task({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }] });

/** Runs it until it has failed twice; gives the lines, and takes them away. */
function lines(harness: Harness): Json[] {
  const logged = harness.calls.filter(({ to }) => to === 'logs');
  for (const one of logged) harness.calls.splice(harness.calls.indexOf(one), 1);
  return logged.flatMap(({ input }) => input.messages.map((line: string) => JSON.parse(line)));
}

function failed(more: Json): Json[] {
  const harness = new Harness();
  const stateMachineArn = harness.machine(failing, more);
  harness.must('StartExecution', { stateMachineArn, name: 'e', input: '{"a":1}' });
  const logged = lines(harness);
  harness.throws('Busy', 'first');
  logged.push(...lines(harness));
  harness.pass(1000);
  logged.push(...lines(harness));
  harness.throws('Busy', 'second');
  return [...logged, ...lines(harness)];
}

test.each([
  [
    'ALL',
    [
      'ExecutionStarted',
      'TaskStateEntered',
      ...['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'],
      ...['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'],
      'ExecutionFailed',
    ],
  ],
  ['ERROR', ['LambdaFunctionFailed', 'LambdaFunctionFailed', 'ExecutionFailed']],
  ['FATAL', ['ExecutionFailed']],
  ['OFF', []],
])('level %s', (level, expected) => {
  expect(failed(to(level)).map(({ type }) => type)).toEqual(expected);
});

test('without execution data there are no inputs and outputs, and still the errors', () => {
  const [, entered, scheduled, , failure] = failed(to('ALL', false));
  expect(entered.details).toEqual({ name: 'S' });
  expect(scheduled.details).toEqual({ resource: expect.stringContaining(':function:work') });
  expect(failure.details).toMatchObject({ error: 'Busy', cause: expect.stringContaining('first') });
});

test('the group of the configuration, a stream for each execution, a redrive counted', () => {
  const harness = new Harness();
  const stateMachineArn = harness.machine(task(), to('ALL'));
  const { executionArn } = harness.must('StartExecution', { stateMachineArn, name: 'e' });
  const [call] = harness.calls.filter((one) => one.to === 'logs');
  expect(call!.input).toMatchObject({
    logGroupName: '/aws/vendedlogs/states/m',
    logStreamName: 'states/m1/2023-11-14/e',
  });
  lines(harness);
  harness.throws('Broken');
  expect(lines(harness).at(-1)).toMatchObject({ type: 'ExecutionFailed', redrive_count: '0' });
  harness.must('RedriveExecution', { executionArn });
  expect(lines(harness)[0]).toMatchObject({ type: 'ExecutionRedriven', redrive_count: '1', id: '7' });
});

test('an Express execution has no history but its log, without a count of redrives', () => {
  const harness = new Harness();
  const stateMachineArn = harness.machine(only({ Type: 'Pass' }), { type: 'EXPRESS', ...to('ALL') });
  harness.must('StartSyncExecution', { stateMachineArn, input: '[1]' });
  const logged = lines(harness);
  expect(logged.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'ExecutionSucceeded',
  ]);
  expect(logged[0]).not.toHaveProperty('redrive_count');
  expect(logged.at(-1).details.output).toBe('[1]');
});

test('child executions of a distributed Map log for themselves', () => {
  const harness = new Harness();
  const ItemProcessor = {
    StartAt: 'One',
    States: { One: { Type: 'Pass', End: true } },
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  };
  const stateMachineArn = harness.machine(only({ Type: 'Map', Label: 'Each', ItemProcessor }), to('FATAL'));
  harness.must('StartExecution', { stateMachineArn, input: '[1,2]' });
  expect(lines(harness)).toEqual([]);
  const all = harness.machine(only({ Type: 'Map', Label: 'Each', ItemProcessor }), to('ALL'));
  harness.must('StartExecution', { stateMachineArn: all, input: '[1,2]' });
  const arns = new Set(lines(harness).map(({ execution_arn: arn }) => arn));
  expect([...arns].filter((arn) => arn.includes('/Each:'))).toHaveLength(2);
});

test.each([
  [{ level: 'ALL' }, 'InvalidLoggingConfiguration'],
  [{ level: 'ERROR', destinations: [] }, 'InvalidLoggingConfiguration'],
  [
    { level: 'ALL', destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logGroupArn.slice(0, -2) } }] },
    'InvalidLoggingConfiguration',
  ],
  [
    { level: 'ALL', destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'group' } }] },
    'InvalidLoggingConfiguration',
  ],
  [{ level: 'SOME' }, 'ValidationException'],
  [{ level: 'OFF' }, undefined],
])('configuration %j: %s', (loggingConfiguration, name) => {
  const definition = JSON.stringify(only({ Type: 'Pass' }));
  expect(
    new Harness().refusal('CreateStateMachine', { name: 'm', definition, roleArn: role, loggingConfiguration }),
  ).toBe(name);
});
