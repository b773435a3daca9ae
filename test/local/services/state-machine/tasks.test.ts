/** Source: Step Functions developer guide, "Integrating services", "Service integration patterns", "Task timeouts and heartbeat intervals". */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, only, task } from './harness';

const resource = (name: string, more: Json = {}): Json =>
  only({ Type: 'Task', Resource: `arn:aws:states:::${name}`, ...more });
const payload = (input: Json): Json => JSON.parse(Buffer.from(input.Payload, 'base64').toString());

describe('what is asked', () => {
  test('a function by its ARN gets the input', () => {
    const harness = new Harness();
    const arn = harness.start(task(), { a: 1 });
    const { to, operation, input } = harness.returns({ done: true });
    expect([to, operation, input.FunctionName, payload(input)]).toEqual(['lambda', 'Invoke', functionArn, { a: 1 }]);
    expect(harness.ran(arn).output).toEqual({ done: true });
  });

  test('lambda:invoke gets Payload, and gives it back with what Lambda says', () => {
    const harness = new Harness();
    const arn = harness.start(resource('lambda:invoke', { Parameters: { FunctionName: 'f', 'Payload.$': '$' } }), {
      a: 1,
    });
    const { input } = harness.returns([1]);
    expect([input.FunctionName, payload(input)]).toEqual(['f', { a: 1 }]);
    expect(harness.ran(arn).output).toMatchObject({ ExecutedVersion: '$LATEST', Payload: [1], StatusCode: 200 });
  });

  test.each<[string, Json, Json]>([
    ['a value', { a: 1 }, { a: 1 }],
    ['a text', 'hello', 'hello'],
    ['a text that is JSON is that JSON', '{"a":1}', { a: 1 }],
    ['null is an empty object', null, {}],
  ])('lambda:invoke with %s', (_name, Payload, expected) => {
    const harness = new Harness();
    harness.start(resource('lambda:invoke', { Parameters: { FunctionName: 'f', Payload } }));
    expect(payload(harness.calls[0]!.input)).toEqual(expected);
  });

  test('aws-sdk: texts from other values, bytes from and to texts', () => {
    const harness = new Harness();
    harness.start(resource('aws-sdk:sfn:startExecution', { Parameters: { StateMachineArn: 'm', Input: { a: 1 } } }));
    expect(harness.calls.shift()?.input).toEqual({ stateMachineArn: 'm', input: '{"a":1}' });
    harness.start(resource('aws-sdk:s3:putObject', { Parameters: { Bucket: 'b', Key: 'k', Body: { a: 1 } } }));
    expect(Buffer.from(harness.calls.shift()!.input.Body, 'base64').toString()).toBe('{"a":1}');
    const arn = harness.start(resource('aws-sdk:s3:getObject', { Parameters: { Bucket: 'b', Key: 'k' } }));
    harness.answer({ output: { Body: Buffer.from('text').toString('base64'), LastModified: 0 } });
    expect(harness.ran(arn).output).toEqual({ Body: 'text', LastModified: '1970-01-01T00:00:00.000Z' });
  });

  test.each([
    [
      'sqs:sendMessage',
      { QueueUrl: 'q', MessageBody: { a: 1 } },
      'sqs',
      'SendMessage',
      { QueueUrl: 'q', MessageBody: '{"a":1}' },
    ],
    [
      'events:putEvents',
      { Entries: [{ Detail: { a: 1 }, Source: 's' }] },
      'events',
      'PutEvents',
      { Entries: [{ Detail: '{"a":1}', Source: 's' }] },
    ],
    [
      'dynamodb:getItem',
      { TableName: 't', Key: { p: { S: 'x' } } },
      'dynamodb',
      'GetItem',
      { TableName: 't', Key: { p: { S: 'x' } } },
    ],
    [
      'states:startExecution',
      { StateMachineArn: 'm', Input: { a: 1 }, Name: 'n' },
      'states',
      'StartExecution',
      { stateMachineArn: 'm', input: '{"a":1}', name: 'n' },
    ],
    ['aws-sdk:dynamodb:query', { TableName: 't' }, 'dynamodb', 'Query', { TableName: 't' }],
    ['aws-sdk:sfn:listExecutions', { StateMachineArn: 'm' }, 'states', 'ListExecutions', { stateMachineArn: 'm' }],
    ['aws-sdk:eventbridge:putEvents', { Entries: [] }, 'events', 'PutEvents', { Entries: [] }],
  ])('%s', (name, Parameters, to, operation, input) => {
    const harness = new Harness();
    harness.start(resource(name, { Parameters }));
    expect(harness.calls[0]).toMatchObject({ to, operation });
    expect(JSON.parse(JSON.stringify(harness.calls[0]!.input))).toMatchObject(input);
  });
});

describe('what fails', () => {
  const failing = (name: string, error: Json): Json => {
    const harness = new Harness();
    const arn = harness.start(resource(name, { Parameters: {} }));
    harness.answer({ error });
    return harness.ran(arn);
  };

  test.each([
    ['dynamodb:putItem', 'ConditionalCheckFailedException', 'DynamoDB.ConditionalCheckFailedException'],
    ['dynamodb:putItem', 'ValidationException', 'DynamoDB.AmazonDynamoDBException'],
    ['aws-sdk:dynamodb:putItem', 'ResourceNotFoundException', 'DynamoDb.ResourceNotFoundException'],
    ['aws-sdk:s3:getObject', 'NoSuchBucket', 'S3.NoSuchBucketException'],
    ['states:startExecution', 'ExecutionAlreadyExists', 'StepFunctions.ExecutionAlreadyExistsException'],
    ['lambda:invoke', 'TooManyRequestsException', 'Lambda.TooManyRequestsException'],
  ])('%s: %s', (name, error, expected) => {
    expect(failing(name, { name: error, message: 'm' })).toMatchObject({ status: 'FAILED', error: expected });
  });

  // As recorded from AWS (localstack/localstack, test_sns_task_service and test_task_service_sqs): the code is the Query protocol's.
  test.each([
    [
      'sns:publish',
      { name: 'NotFoundException', queryCode: 'NotFound', message: 'Topic does not exist', status: 404 },
      'SNS.NotFoundException',
      'Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; ',
    ],
    [
      'sqs:sendMessage',
      { name: 'MissingRequiredParameterException', queryCode: 'MissingParameter', message: 'm' },
      'SQS.AmazonSQSException',
      'm (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; ',
    ],
  ])('%s: the code that its cause tells', (name, error, expected, cause) => {
    const ran = failing(name, error);
    expect(ran.error).toBe(expected);
    expect(ran.cause.startsWith(cause)).toBe(true);
  });

  test('a function that throws: its error type, and all of it as the cause', () => {
    const harness = new Harness();
    const arn = harness.start(task());
    harness.throws('OutOfStock', 'none left');
    const { error, cause } = harness.ran(arn);
    expect([error, JSON.parse(cause!)]).toEqual(['OutOfStock', { errorType: 'OutOfStock', errorMessage: 'none left' }]);
  });

  test('events that the bus refused fail the task', () => {
    const harness = new Harness();
    const arn = harness.start(resource('events:putEvents', { Parameters: { Entries: [{}] } }));
    harness.answer({ output: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'X' }] } });
    expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'EventBridge.FailedEntry' });
  });

  test('an activity does not exist here', () => {
    const Resource = 'arn:aws:states:us-east-1:123456789012:activity:a';
    expect(new Harness().run(only({ Type: 'Task', Resource }))).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
  });
});

describe('time limits', () => {
  test('TimeoutSeconds: States.Timeout; a late answer changes nothing', () => {
    const harness = new Harness();
    const arn = harness.start(task({ TimeoutSeconds: 5 }));
    harness.pass(4_999);
    expect(harness.ran(arn).status).toBe('RUNNING');
    harness.pass(1);
    expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    harness.returns('late');
    expect(harness.ran(arn).status).toBe('FAILED');
  });

  test('an answer to an attempt that timed out is not taken for the next attempt', () => {
    const harness = new Harness();
    const arn = harness.start(task({ TimeoutSeconds: 5, Retry: [{ ErrorEquals: ['States.Timeout'] }] }));
    harness.pass(6_000);
    expect(harness.calls).toHaveLength(2);
    harness.returns('first');
    expect(harness.ran(arn).status).toBe('RUNNING');
    harness.returns('second');
    expect(harness.ran(arn).output).toBe('second');
  });

  test("the machine's own TimeoutSeconds", () => {
    const harness = new Harness();
    const arn = harness.start({ ...task(), TimeoutSeconds: 10 });
    harness.pass(10_000);
    expect(harness.ran(arn)).toMatchObject({ status: 'TIMED_OUT' });
    expect(harness.chain(arn).at(-1)).toBe('5<4 ExecutionTimedOut');
  });
});

describe('task tokens', () => {
  const waiting = (more: Json = {}): Json =>
    resource('sqs:sendMessage.waitForTaskToken', {
      Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } },
      ...more,
    });
  const tokenOf = ({ input }: Json): string => JSON.parse(input.MessageBody).token;
  const sent = { output: { MessageId: 'm', MD5OfMessageBody: '0' } };

  test('the output is what SendTaskSuccess gives; the token is good once', () => {
    const harness = new Harness();
    const arn = harness.start(waiting());
    const taskToken = tokenOf(harness.answer(sent));
    harness.must('SendTaskSuccess', { taskToken, output: '{"ok":1}' });
    expect(harness.ran(arn).output).toEqual({ ok: 1 });
    expect(
      harness
        .events(arn)
        .map(({ type }) => type)
        .slice(2, 6),
    ).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    expect(harness.refusal('SendTaskSuccess', { taskToken, output: '1' })).toBe('TaskTimedOut');
  });

  test('a token that comes before the send is answered waits for that', () => {
    const harness = new Harness();
    const arn = harness.start(waiting());
    harness.must('SendTaskSuccess', { taskToken: tokenOf(harness.calls[0]), output: '1' });
    expect(harness.ran(arn).status).toBe('RUNNING');
    harness.answer(sent);
    expect(harness.ran(arn).output).toBe(1);
  });

  test('SendTaskFailure', () => {
    const harness = new Harness();
    const arn = harness.start(waiting());
    harness.must('SendTaskFailure', { taskToken: tokenOf(harness.answer(sent)), error: 'No', cause: 'why' });
    expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'No', cause: 'why' });
  });

  test('heartbeats keep it alive; without one it times out', () => {
    const harness = new Harness();
    const Catch = [{ ErrorEquals: ['States.HeartbeatTimeout'], ResultPath: '$.e', Next: 'H' }];
    const definition = waiting({ HeartbeatSeconds: 10, TimeoutSeconds: 100, Catch });
    definition.States.H = { Type: 'Pass', End: true };
    const arn = harness.start(definition);
    const taskToken = tokenOf(harness.answer(sent));
    for (let beat = 0; beat < 3; beat++) {
      harness.pass(9_999);
      harness.must('SendTaskHeartbeat', { taskToken });
    }
    harness.pass(9_999);
    expect(harness.ran(arn).status).toBe('RUNNING');
    harness.pass(1);
    expect(harness.ran(arn).output).toEqual({ e: { Error: 'States.Timeout', Cause: '' } });
    expect(harness.refusal('SendTaskHeartbeat', { taskToken })).toBe('TaskTimedOut');
  });

  test('a task without a token is not failed for the lack of heartbeats', () => {
    const harness = new Harness();
    const arn = harness.start(task({ HeartbeatSeconds: 10, TimeoutSeconds: 100 }));
    harness.pass(60_000);
    harness.returns(1);
    expect(harness.ran(arn).output).toBe(1);
  });

  test('a retry has a new token', () => {
    const harness = new Harness();
    harness.start(waiting({ Retry: [{ ErrorEquals: ['States.ALL'] }] }));
    const first = tokenOf(harness.answer(sent));
    harness.must('SendTaskFailure', { taskToken: first, error: 'No' });
    harness.pass(1000);
    expect(tokenOf(harness.calls[0])).not.toBe(first);
    expect(harness.refusal('SendTaskSuccess', { taskToken: first, output: '1' })).toBe('TaskTimedOut');
  });

  test.each([
    ['no token', { output: '1' }, 'ValidationException'],
    ['no text of a token', { taskToken: 'a b', output: '1' }, 'InvalidToken'],
    ['an unknown one', { taskToken: 'AAAA', output: '1' }, 'TaskTimedOut'],
  ])('%s', (_name, input, expected) => {
    expect(new Harness().refusal('SendTaskSuccess', input)).toBe(expected);
  });

  test('an output that is no JSON is refused and the task waits on', () => {
    const harness = new Harness();
    const arn = harness.start(waiting());
    const taskToken = tokenOf(harness.answer(sent));
    expect(harness.refusal('SendTaskSuccess', { taskToken, output: '{' })).toBe('InvalidOutput');
    expect(harness.ran(arn).status).toBe('RUNNING');
  });
});

describe('executions within executions', () => {
  /** Answers every call to the service by the service itself. */
  const within = (harness: Harness): void => {
    for (let call = harness.calls[0]; call?.to === 'states'; call = harness.calls[0]) {
      harness.answer(harness.ask(call.operation, call.input));
    }
  };

  test.each([
    ['.sync', '{"a":1}'],
    ['.sync:2', { a: 1 }],
  ])('startExecution%s gives the output when the other ended', (suffix, Output) => {
    const harness = new Harness();
    const inner = harness.machine(only({ Type: 'Wait', Seconds: 10 }));
    const arn = harness.start(
      resource(`states:startExecution${suffix}`, { Parameters: { StateMachineArn: inner, Input: { a: 1 } } }),
    );
    within(harness);
    expect(harness.ran(arn).status).toBe('RUNNING');
    harness.pass(10_000);
    expect(harness.ran(arn).output).toMatchObject({ Output, Status: 'SUCCEEDED', StateMachineArn: inner });
  });

  test('the other had ended before its start was answered', () => {
    const harness = new Harness();
    const inner = harness.machine(only({ Type: 'Pass' }));
    const arn = harness.start(resource('states:startExecution.sync', { Parameters: { StateMachineArn: inner } }));
    within(harness);
    expect(harness.ran(arn).output).toMatchObject({ Output: '{}', Status: 'SUCCEEDED' });
  });

  const waitFor = (harness: Harness, more: Json = {}): { arn: string; inner: string } => {
    const inner = harness.machine(only({ Type: 'Wait', Seconds: 10 }));
    const arn = harness.start(
      resource('states:startExecution.sync', { Parameters: { StateMachineArn: inner }, ...more }),
    );
    within(harness);
    return { arn, inner };
  };
  const statuses = (harness: Harness, stateMachineArn: string): string[] =>
    harness.must('ListExecutions', { stateMachineArn }).executions.map(({ status }: Json) => status);

  test('who waited is stopped: the other is stopped too', () => {
    const harness = new Harness();
    const { arn, inner } = waitFor(harness);
    harness.must('StopExecution', { executionArn: arn });
    expect([harness.ran(arn).status, ...statuses(harness, inner)]).toEqual(['ABORTED', 'ABORTED']);
  });

  test('an attempt that timed out: the next one waits for its own', () => {
    const harness = new Harness();
    const Retry = [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1, IntervalSeconds: 1 }];
    const { arn, inner } = waitFor(harness, { TimeoutSeconds: 8, Retry });
    harness.pass(9_000);
    within(harness);
    harness.pass(5_000);
    expect([harness.ran(arn).status, ...statuses(harness, inner)]).toEqual(['RUNNING', 'RUNNING', 'ABORTED']);
  });

  test('the other fails: States.TaskFailed, with all of it as the cause', () => {
    const harness = new Harness();
    const inner = harness.machine(only({ Type: 'Fail', Error: 'Deep' }));
    const arn = harness.start(resource('states:startExecution.sync', { Parameters: { StateMachineArn: inner } }));
    within(harness);
    const { error, cause } = harness.ran(arn);
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause!)).toMatchObject({ Status: 'FAILED', Error: 'Deep' });
  });
});
