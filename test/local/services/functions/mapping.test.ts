import { Bench, message, queueArn, start } from './support';

function mapped(input = {}, options = {}): Bench {
  const bench = new Bench(options);
  bench.create();
  bench.map(input);
  return bench;
}

test('a poll brings a batch as the SQS event; what succeeded is deleted', () => {
  const bench = mapped();
  const poll = bench.poll();
  expect(poll.input).toEqual({
    QueueUrl: 'http://127.0.0.1:4566/123456789012/orders',
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 20,
    AttributeNames: ['All'],
    MessageAttributeNames: ['All'],
    $tellHidden: true,
  });
  bench.answer(poll, ['a', 'b']);
  const [run] = bench.runs();
  expect(JSON.parse(run!.payload).Records[0]).toEqual({
    messageId: 'a',
    receiptHandle: 'handle-a',
    body: '{"id":"a"}',
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {},
    md5OfBody: message('a').MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: 'us-east-1',
  });
  expect(bench.taken('trace').map(({ entry }) => entry)).toMatchObject([
    { kind: 'invoked', cold: true, records: ['a', 'b'] },
  ]);
  bench.finish(run!, { payload: '{"batchItemFailures":[{"itemIdentifier":"a"}]}' });
  expect(bench.deleted()).toEqual(['handle-b']);
});

for (const [what, payload, deleted] of [
  ['null', 'null', ['handle-a', 'handle-b']],
  ['an empty list', '{"batchItemFailures":[]}', ['handle-a', 'handle-b']],
  ['null for the list', '{"batchItemFailures":null}', ['handle-a', 'handle-b']],
  ['an unknown id', '{"batchItemFailures":[{"itemIdentifier":"z"}]}', []],
  ['an empty id', '{"batchItemFailures":[{"itemIdentifier":""}]}', []],
  ['a null id', '{"batchItemFailures":[{"itemIdentifier":null}]}', []],
  ['a wrong key', '{"batchItemFailures":[{"id":"a"}]}', []],
  ['no list', '{"batchItemFailures":"a"}', []],
] as const) {
  test(`an answer with ${what} deletes ${deleted.length} of 2`, () => {
    const bench = mapped();
    bench.answer(bench.poll(), ['a', 'b']);
    bench.finish(bench.runs()[0]!, { payload });
    expect(bench.deleted()).toEqual(deleted);
  });
}

test('without ReportBatchItemFailures the answer does not matter, a throw does', () => {
  const bench = mapped({ FunctionResponseTypes: [] });
  bench.answer(bench.poll(), ['a']);
  bench.finish(bench.runs()[0]!, { payload: '{"batchItemFailures":[{"itemIdentifier":"a"}]}' });
  expect(bench.deleted()).toEqual(['handle-a']);
  bench.pass(1000);
});

test('a function error deletes nothing and leaves the visibility alone', () => {
  const bench = mapped();
  bench.answer(bench.poll(), ['a', 'b']);
  bench.poll();
  bench.fail(bench.runs()[0]!, 'Timeout');
  expect(bench.taken('call')).toEqual([]);
  expect(bench.taken('trace').map(({ entry }) => entry.kind)).toEqual(['invoked', 'finished', 'batch-failed']);
});

test('it polls only while another invocation could start', () => {
  const bench = mapped({ ScalingConfig: { MaximumConcurrency: 2 } });
  bench.answer(bench.poll(), ['a']);
  bench.answer(bench.poll(), ['b']);
  expect(bench.taken('call')).toEqual([]);
  bench.finish(bench.runs()[0]!);
  expect(
    bench
      .taken('call')
      .map(({ operation }) => operation)
      .sort(),
  ).toEqual(['DeleteMessageBatch', 'ReceiveMessage']);
});

test("it does not poll beyond this machine's environments", () => {
  const bench = mapped({}, { maxEnvironments: 1 });
  bench.answer(bench.poll(), ['a']);
  expect(bench.taken('call')).toEqual([]);
  bench.finish(bench.runs()[0]!);
  expect(bench.taken('call').some(({ operation }) => operation === 'ReceiveMessage')).toBe(true);
});

test('function errors halve the concurrency, successes raise it again', () => {
  const bench = mapped();
  for (const id of ['a', 'b', 'c', 'd', 'e']) bench.answer(bench.poll(), [id]);
  expect(bench.taken('call')).toEqual([]);
  const runs = bench.runs();
  for (const run of runs.slice(0, 3)) bench.fail(run);
  // 5 -> 2 -> 1 -> 1 allowed, 2 in flight.
  expect(bench.taken('call')).toEqual([]);
  bench.finish(runs[3]!);
  bench.pass(300);
  expect(bench.deleted()).toEqual(['handle-d']);
});

test('a poll whose answer is lost is given up', () => {
  const bench = mapped();
  const lost = bench.poll();
  bench.pass(29_000);
  expect(bench.taken('call')).toEqual([]);
  bench.pass(1000);
  const next = bench.poll();
  bench.answer(lost, ['a']);
  expect(bench.runs()).toEqual([]);
  bench.answer(next, ['b']);
  expect(bench.runs()).toHaveLength(1);
});

test('a queue that answers empty at once, or with an error, is not asked again at once', () => {
  const bench = mapped();
  bench.answer(bench.poll(), []);
  expect(bench.taken('call')).toEqual([]);
  bench.pass(1000);
  bench.ask('$reply', { tag: bench.poll().tag, reply: { error: { name: 'QueueDoesNotExist', message: 'no' } } });
  expect(bench.taken('call')).toEqual([]);
  bench.pass(1000);
  bench.poll();
});

test('a batch above ten gathers over polls, until it is full or the window is over', () => {
  const ids = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `m${from + i}`);
  const bench = mapped({ BatchSize: 15, MaximumBatchingWindowInSeconds: 5 });
  bench.answer(bench.poll(), ids(0, 10));
  const second = bench.poll();
  expect(second.input).toMatchObject({ MaxNumberOfMessages: 5, WaitTimeSeconds: 5 });
  expect(bench.runs()).toEqual([]);
  bench.answer(second, ids(10, 5));
  expect(JSON.parse(bench.runs()[0]!.payload).Records).toHaveLength(15);
  bench.answer(bench.poll(), ids(20, 1));
  bench.poll();
  expect(bench.runs()).toEqual([]);
  bench.pass(5000);
  expect(JSON.parse(bench.runs()[0]!.payload).Records).toHaveLength(1);
});

test('a throttled batch waits and is tried again', () => {
  const bench = mapped();
  const poll = bench.poll();
  bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
  bench.answer(poll, ['a']);
  expect(bench.runs()).toEqual([]);
  expect(bench.ask('$pending', {})).toEqual({ pending: 1 });
  bench.ask('DeleteFunctionConcurrency', { FunctionName: 'greet' });
  bench.pass(1000);
  expect(bench.runs()).toHaveLength(1);
});

test('a throttled batch forgets what the queue shows again, and runs with the rest', () => {
  const bench = mapped();
  const poll = bench.poll();
  bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
  const hidden = (id: string, ms: number) => ({ ...message(id), $hiddenUntil: start + ms });
  bench.answer(poll, [hidden('a', 1_500), hidden('b', 60_000)]);
  bench.pass(2_000);
  bench.ask('DeleteFunctionConcurrency', { FunctionName: 'greet' });
  bench.pass(1_000);
  expect(bench.runs().map(({ payload }) => JSON.parse(payload).Records.map((one: any) => one.messageId))).toEqual([
    ['b'],
  ]);
});

test('a throttled batch of which nothing is hidden any more is given up', () => {
  const bench = mapped();
  const poll = bench.poll();
  bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
  bench.answer(poll, [{ ...message('a'), $hiddenUntil: start + 30_000 }]);
  bench.pass(31_000);
  expect(bench.ask('$pending', {})).toEqual({ pending: 0 });
  bench.ask('DeleteFunctionConcurrency', { FunctionName: 'greet' });
  bench.pass(1_000);
  expect(bench.runs()).toEqual([]);
  bench.poll();
});

test('a disabled mapping does not poll; an enabled one does', () => {
  const bench = mapped({ Enabled: false });
  expect(bench.taken('call')).toEqual([]);
  const [{ UUID, State }] = bench.ask('ListEventSourceMappings', {}).EventSourceMappings;
  expect(State).toBe('Disabled');
  expect(bench.ask('UpdateEventSourceMapping', { UUID, Enabled: true })).toMatchObject({ State: 'Enabled' });
  bench.poll();
  expect(bench.ask('GetEventSourceMapping', { UUID })).toMatchObject({
    EventSourceArn: queueArn,
    BatchSize: 10,
    LastModified: start / 1000,
    FunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:greet',
  });
});

test('what a disabled mapping had asked for goes back to the queue at once', () => {
  const bench = mapped();
  const poll = bench.poll();
  const [{ UUID }] = bench.ask('ListEventSourceMappings', {}).EventSourceMappings;
  bench.ask('UpdateEventSourceMapping', { UUID, Enabled: false });
  bench.answer(poll, ['a']);
  expect(bench.runs()).toEqual([]);
  expect(bench.taken('call')).toMatchObject([
    {
      operation: 'ChangeMessageVisibilityBatch',
      input: { Entries: [{ ReceiptHandle: 'handle-a', VisibilityTimeout: 0 }] },
    },
  ]);
});

test('what is not modelled or not allowed is refused', () => {
  const bench = new Bench();
  bench.create();
  expect(bench.map({ EventSourceArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' })).toBe(
    'InvalidParameterValueException',
  );
  expect(bench.map({ StartingPosition: 'LATEST' })).toBe('InvalidParameterValueException');
  expect(bench.map({ BisectBatchOnFunctionError: true })).toBe('InvalidParameterValueException');
  expect(bench.map({ BatchSize: 11 })).toBe('InvalidParameterValueException');
  expect(bench.map({ ScalingConfig: { MaximumConcurrency: 1 } })).toBe('InvalidParameterValueException');
  bench.map();
  expect(bench.map()).toBe('ResourceConflictException');
});

test('a mapping without room sleeps until something ends', () => {
  const bench = mapped();
  bench.answer(bench.poll(), ['a']);
  bench.answer(bench.poll(), []);
  bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 1 });
  bench.pass(60_000);
  expect(bench.wakeAt).toBeUndefined();
});

test('a FIFO queue is read ten at most and without a window', () => {
  const bench = new Bench();
  bench.create();
  const fifo = `${queueArn}.fifo`;
  expect(bench.map({ EventSourceArn: fifo, BatchSize: 11, MaximumBatchingWindowInSeconds: 1 })).toBe(
    'InvalidParameterValueException',
  );
  expect(bench.map({ EventSourceArn: fifo, MaximumBatchingWindowInSeconds: 1 })).toBe('InvalidParameterValueException');
  bench.map({ EventSourceArn: fifo });
  bench.answer(bench.poll(), ['a', 'b', 'c']);
  const [run] = bench.runs();
  bench.finish(run!, { payload: '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"c"}]}' });
  expect(bench.deleted()).toEqual(['handle-a']);
});

test('an empty queue may be waited for longer than SQS allows, until the mapping is disabled', () => {
  const bench = mapped({}, { pollSeconds: 600 });
  const poll = bench.poll();
  const { UUID } = bench.ask('ListEventSourceMappings', {}).EventSourceMappings[0];
  expect(poll.input).toMatchObject({ WaitTimeSeconds: 20, $wait: { seconds: 600, waiter: UUID } });
  bench.pass(300_000);
  expect(bench.taken('call')).toEqual([]);
  bench.ask('UpdateEventSourceMapping', { UUID, Enabled: false });
  expect(bench.taken('call')).toMatchObject([
    { to: 'sqs', operation: '$stopWaiting', input: { QueueUrl: poll.input.QueueUrl, waiter: UUID } },
  ]);
});
