import { Bench } from './support';

const payloadOf = (effect: any): unknown => JSON.parse(Buffer.from(effect.reply.output.Payload, 'base64').toString());

test('a synchronous invocation answers when it has finished', () => {
  const bench = new Bench();
  bench.create();
  expect(bench.invoke({ Event: { name: 'Ada' } })).toBeUndefined();
  const [run] = bench.runs();
  expect(run).toMatchObject({ cold: true, payload: '{"name":"Ada"}', deadlineMs: bench.now + 10_000 });
  bench.finish(run!, { payload: '"hello"' });
  const [reply] = bench.taken('reply');
  expect(reply).toMatchObject({
    requestId: 'request-2',
    reply: { output: { StatusCode: 200, ExecutedVersion: '$LATEST' } },
  });
  expect(payloadOf(reply)).toBe('hello');
});

test('an error of the function is an answer with FunctionError Unhandled, whatever ended it', () => {
  const bench = new Bench();
  bench.create();
  for (const how of ['Unhandled', 'Crash', 'Timeout'] as const) {
    bench.invoke();
    bench.fail(bench.runs()[0]!, how);
    expect(bench.taken('reply')[0]).toMatchObject({
      reply: { output: { StatusCode: 200, FunctionError: 'Unhandled' } },
    });
  }
});

test('environments are reused one at a time, and never after a crash', () => {
  const bench = new Bench();
  bench.create();
  bench.invoke();
  bench.invoke();
  const [first, second] = bench.runs();
  expect(first!.environmentId).not.toBe(second!.environmentId);
  bench.finish(first!);
  bench.invoke();
  const [third] = bench.runs();
  expect(third).toMatchObject({ environmentId: first!.environmentId, cold: false });
  bench.fail(third!, 'Crash');
  expect(bench.taken('discard')).toEqual([{ kind: 'discard', environmentId: first!.environmentId }]);
  bench.invoke();
  expect(bench.runs()[0]!.cold).toBe(true);
});

test('an environment that is idle for ten minutes is discarded', () => {
  const bench = new Bench();
  bench.create();
  bench.invoke();
  const [run] = bench.runs();
  bench.finish(run!);
  bench.pass(599_000);
  expect(bench.taken('discard')).toEqual([]);
  bench.pass(2000);
  expect(bench.taken('discard')).toEqual([{ kind: 'discard', environmentId: run!.environmentId }]);
});

test('beyond reserved or account concurrency callers get TooManyRequestsException', () => {
  const bench = new Bench({ accountConcurrency: 2 });
  bench.create();
  bench.create({ FunctionName: 'other' });
  bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 1 });
  bench.invoke();
  expect(bench.invoke()).toBe('TooManyRequestsException');
  bench.invoke({ FunctionName: 'other' });
  expect(bench.invoke({ FunctionName: 'other' })).toBe('TooManyRequestsException');
  bench.finish(bench.runs()[0]!);
  expect(bench.invoke()).toBeUndefined();
});

test("beyond this machine's environments invocations wait in order", () => {
  const bench = new Bench({ maxEnvironments: 1 });
  bench.create();
  bench.invoke({ Event: 1 });
  bench.invoke({ Event: 2 });
  bench.invoke({ Event: 3 });
  const [first, ...others] = bench.runs();
  expect(others).toEqual([]);
  expect(bench.ask('$pending', {})).toEqual({ pending: 2 });
  bench.finish(first!);
  const [second] = bench.runs();
  expect(second).toMatchObject({ payload: '2', environmentId: first!.environmentId });
});

describe('asynchronous invocations', () => {
  test('are retried after 1 and 2 minutes with the same request id, then go to the dead letters', () => {
    const bench = new Bench();
    bench.create({ DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead' } });
    expect(bench.invoke({ InvocationType: 'Event', Event: { n: 1 } })).toEqual({ StatusCode: 202 });
    const [first] = bench.runs();
    bench.fail(first!);
    bench.pass(59_000);
    expect(bench.runs()).toEqual([]);
    bench.pass(1000);
    const [second] = bench.runs();
    expect(second!.requestId).toBe(first!.requestId);
    expect(second!.invocationId).not.toBe(first!.invocationId);
    bench.fail(second!);
    bench.pass(119_000);
    expect(bench.runs()).toEqual([]);
    bench.pass(1000);
    expect(bench.taken('call')).toEqual([]);
    bench.fail(bench.runs()[0]!);
    expect(bench.taken('call')).toMatchObject([
      {
        to: 'sqs',
        operation: 'SendMessage',
        input: {
          QueueUrl: 'http://127.0.0.1:4566/123456789012/dead',
          MessageBody: '{"n":1}',
          MessageAttributes: { ErrorMessage: { StringValue: 'no' }, RequestID: { StringValue: first!.requestId } },
        },
      },
    ]);
    bench.pass(3_600_000);
    expect(bench.runs()).toEqual([]);
  });

  test('wait while they are throttled, and are given up when they are too old', () => {
    const bench = new Bench();
    bench.create();
    bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
    bench.ask('PutFunctionEventInvokeConfig', {
      FunctionName: 'greet',
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:123456789012:failed' } },
    });
    bench.invoke({ InvocationType: 'Event', Event: { n: 1 } });
    bench.pass(30_000);
    expect(bench.ask('$pending', {})).toEqual({ pending: 1 });
    bench.pass(60_000);
    expect(bench.ask('$pending', {})).toEqual({ pending: 0 });
    const [call] = bench.taken('call');
    expect(JSON.parse(call!.input.MessageBody)).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
      requestPayload: { n: 1 },
    });
  });
});

test('replaced code runs in new environments only', () => {
  const bench = new Bench();
  bench.create();
  bench.invoke();
  bench.invoke();
  const [idle, busy] = bench.runs();
  bench.finish(idle!);
  bench.ask('$replaceCode', { FunctionName: 'greet', codeDir: '/new' });
  expect(bench.taken('discard')).toEqual([{ kind: 'discard', environmentId: idle!.environmentId }]);
  bench.finish(busy!);
  expect(bench.taken('discard')).toEqual([{ kind: 'discard', environmentId: busy!.environmentId }]);
  bench.invoke();
  expect(bench.runs()[0]).toMatchObject({ cold: true, environment: { codeDir: '/new' } });
});

test('a published version keeps its code, and an alias leads to it', () => {
  const bench = new Bench();
  bench.create();
  expect(bench.ask('PublishVersion', { FunctionName: 'greet' })).toMatchObject({ Version: '1' });
  bench.ask('CreateAlias', { FunctionName: 'greet', Name: 'live', FunctionVersion: '1' });
  bench.ask('$replaceCode', { FunctionName: 'greet', codeDir: '/new' });
  bench.invoke({ FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:greet:live' });
  expect(bench.runs()[0]).toMatchObject({ environment: { codeDir: '/code', version: '1' } });
  expect(bench.ask('ListVersionsByFunction', { FunctionName: 'greet' }).Versions).toHaveLength(2);
});

test('what is not there or not modelled is refused by name', () => {
  const bench = new Bench();
  bench.create();
  expect(bench.invoke({ FunctionName: 'nobody' })).toBe('ResourceNotFoundException');
  expect(bench.invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
  expect(bench.ask('Invoke', { FunctionName: 'greet', Payload: 'e2E=' })).toBe('InvalidRequestContentException');
  expect(bench.invoke({ InvocationType: 'Event', Event: 'x'.repeat(1_048_576) })).toBe('RequestTooLargeException');
  const refused = { FunctionName: 'b', Runtime: 'python3.13', Handler: 'a.b', Code: { $dir: '/code' } };
  expect(bench.ask('CreateFunction', refused)).toBe('InvalidParameterValueException');
  expect(bench.ask('CreateFunction', { ...refused, Runtime: 'nodejs24.x', Code: { ZipFile: 'x' } })).toBe(
    'InvalidParameterValueException',
  );
});
