/**
 * Mappings of streams. Sources: Lambda developer guide, "Processing DynamoDB records with Lambda", its pages on parameters,
 * error handling ("Splitting a batch does not count towards the retry quota") and batch failure reporting.
 */
import type { Invocation, Json } from '../../../../lib/local/services/service';
import { Bench, start } from './support';

const EventSourceArn = 'arn:aws:dynamodb:us-east-1:123456789012:table/Orders/stream/2026-01-01T00:00:00.000';
const onFailure = 'arn:aws:sqs:us-east-1:123456789012:lost';
const sequence = (number: number): string => `1${String(number).padStart(20, '0')}`;

const record = (number: number, item: string, atMs: number, more: Json = {}): Json => ({
  eventID: `event-${number}`,
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  dynamodb: {
    ApproximateCreationDateTime: atMs / 1000,
    Keys: { id: { S: item } },
    SequenceNumber: sequence(number),
    SizeBytes: 4,
    StreamViewType: 'KEYS_ONLY',
  },
  ...more,
});

/** A mapping of a stream with one shard; its first poll is out. */
class Streaming {
  readonly bench = new Bench();
  readonly uuid: string;
  private tag: Json;
  private last = 0;

  constructor(input: Json = {}, shards = ['shard-1']) {
    this.bench.create();
    const made = this.bench.map({
      EventSourceArn,
      FunctionResponseTypes: [],
      StartingPosition: 'TRIM_HORIZON',
      ...input,
    });
    this.uuid = made.UUID;
    const [describe] = this.bench.taken('call');
    expect(describe).toMatchObject({
      to: 'dynamodb',
      operation: 'DescribeStream',
      input: { StreamArn: EventSourceArn },
    });
    const Shards = shards.map((ShardId) => ({ ShardId }));
    this.bench.ask('$reply', { tag: describe!.tag, reply: { output: { StreamDescription: { Shards } } } });
  }

  /** The polls that came out since the last look. */
  polls(): Json[] {
    const polls = this.bench.taken('call').filter(({ operation }) => operation === '$awaitRecords');
    if (polls.length > 0) this.tag = polls.at(-1)!.tag;
    return polls.map(({ input, tag }) => ({ ...input, tag }));
  }

  /** Answers the poll that is out: a record of each item. */
  feed(items: string[], atMs = this.bench.now): void {
    this.polls();
    const Records = items.map((item) => record(++this.last, item, atMs));
    this.bench.ask('$reply', { tag: this.tag, reply: { output: { Records, Next: this.last, Closed: false } } });
  }

  runs(): { invocation: Invocation; items: string[] }[] {
    return this.bench.runs().map((invocation) => ({
      invocation,
      items: JSON.parse(invocation.payload).Records.map(({ dynamodb }: Json) => dynamodb.Keys.id.S),
    }));
  }

  /** The one batch that started. */
  run(): { invocation: Invocation; items: string[] } {
    const runs = this.runs();
    expect(runs).toHaveLength(1);
    return runs[0]!;
  }

  failures(): Json[] {
    return this.bench
      .taken('call')
      .filter(({ operation }) => operation === 'SendMessage')
      .map(({ input }) => JSON.parse(input.MessageBody));
  }

  /** Lets retries come until none does, the function failing whatever holds `poison`; what was tried, in order. */
  failOn(poison: string): string[] {
    const tried: string[] = [];
    for (let round = 0; round < 50; round++) {
      for (const { invocation, items } of this.runs()) {
        tried.push(items.join(''));
        if (items.includes(poison)) this.bench.fail(invocation);
        else this.bench.finish(invocation);
      }
      this.bench.pass(60_000);
    }
    return tried;
  }
}

test('a batch of records, as functions see them', () => {
  const streaming = new Streaming();
  expect(streaming.polls()).toMatchObject([
    { StreamArn: EventSourceArn, ShardId: 'shard-1', After: 'TRIM_HORIZON', Limit: 100 },
  ]);
  streaming.feed(['a', 'b']);
  const { invocation } = streaming.run();
  const { Records } = JSON.parse(invocation.payload);
  expect(Records[0]).toEqual({ ...record(1, 'a', start), eventSourceARN: EventSourceArn });
  expect(streaming.bench.taken('trace').map(({ entry }) => entry)).toMatchObject([
    { kind: 'invoked', records: [sequence(1), sequence(2)] },
  ]);
  expect(streaming.polls()).toMatchObject([{ After: 2 }]);
});

test('who removed an item is told in the names that functions see', () => {
  const streaming = new Streaming();
  const [{ tag }] = streaming.polls() as [Json];
  const userIdentity = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };
  const Records = [record(1, 'a', start, { eventName: 'REMOVE', userIdentity })];
  streaming.bench.ask('$reply', { tag, reply: { output: { Records, Next: 1, Closed: false } } });
  expect(JSON.parse(streaming.run().invocation.payload).Records[0].userIdentity).toEqual({
    type: 'Service',
    principalId: 'dynamodb.amazonaws.com',
  });
});

test('a shard runs one batch at a time; what comes meanwhile is the next', () => {
  const streaming = new Streaming({ BatchSize: 2 });
  streaming.feed(['a', 'b']);
  const first = streaming.run();
  streaming.feed(['c']);
  expect(streaming.runs()).toEqual([]);
  streaming.bench.finish(first.invocation);
  expect(streaming.run().items).toEqual(['c']);
});

test('a shard is not read on while a full batch waits behind one that runs', () => {
  const streaming = new Streaming({ BatchSize: 2 });
  streaming.feed(['a', 'b']);
  streaming.feed(['c', 'd']);
  expect(streaming.polls()).toEqual([]);
  streaming.bench.finish(streaming.run().invocation);
  expect(streaming.polls()).toHaveLength(1);
});

test('shards run beside each other', () => {
  const streaming = new Streaming({}, ['shard-1', 'shard-2']);
  const polls = streaming.polls();
  expect(polls.map(({ ShardId }) => ShardId)).toEqual(['shard-1', 'shard-2']);
  polls.forEach(({ tag }, index) => {
    const Records = [record(index + 1, `item ${index}`, start)];
    streaming.bench.ask('$reply', { tag, reply: { output: { Records, Next: index + 1, Closed: false } } });
  });
  expect(streaming.runs().map(({ items }) => items)).toEqual([['item 0'], ['item 1']]);
});

test('a parallelization factor: beside each other, but one item stays in order', () => {
  const streaming = new Streaming({ ParallelizationFactor: 10, BatchSize: 10 });
  streaming.feed(['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']);
  const runs = streaming.runs();
  expect(runs.length).toBeGreaterThan(1);
  for (const item of ['a', 'b', 'c', 'd'])
    expect(
      runs.filter(({ items }) => items.includes(item)).map(({ items }) => items.filter((one) => one === item)),
    ).toEqual([[item, item]]);
});

test('a window gathers until the batch is full or the time is over', () => {
  const streaming = new Streaming({ BatchSize: 3, MaximumBatchingWindowInSeconds: 10 });
  streaming.feed(['a']);
  streaming.feed(['b']);
  expect(streaming.runs()).toEqual([]);
  streaming.bench.pass(9999);
  expect(streaming.runs()).toEqual([]);
  streaming.bench.pass(1);
  streaming.bench.finish(streaming.run().invocation);
  streaming.feed(['c', 'd', 'e']);
  expect(streaming.run().items).toEqual(['c', 'd', 'e']);
});

test('what no filter matches is passed over', () => {
  const streaming = new Streaming({
    FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"id":{"S":["b"]}}}}' }] },
  });
  streaming.feed(['a', 'b', 'c']);
  expect(streaming.run().items).toEqual(['b']);
});

describe('a function that fails', () => {
  test('is tried again with the same batch, later and later, and nothing overtakes it', () => {
    const streaming = new Streaming();
    streaming.feed(['a']);
    const times: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const { invocation, items } = streaming.run();
      expect(items).toEqual(['a']);
      times.push((streaming.bench.now - start) / 1000);
      streaming.bench.fail(invocation);
      if (attempt === 0) streaming.feed(['b']);
      streaming.bench.pass(2 ** attempt * 1000);
    }
    expect(times).toEqual([0, 1, 3, 7]);
    streaming.bench.finish(streaming.run().invocation);
    expect(streaming.run().items).toEqual(['b']);
  });

  test('is tried until the record is a day old, then the shard goes on', () => {
    const streaming = new Streaming({ DestinationConfig: { OnFailure: { Destination: onFailure } } });
    streaming.feed(['a']);
    streaming.feed(['b'], start + 86_400_000);
    let attempts = 0;
    while (attempts < 5000) {
      const { invocation, items } = streaming.run();
      if (items[0] !== 'a') break;
      attempts++;
      streaming.bench.fail(invocation);
      streaming.bench.pass(60_000);
    }
    // 24 hours of a retry a minute, with a handful of faster ones first.
    expect(attempts).toBe(1440);
    expect(streaming.failures()).toMatchObject([{ requestContext: { condition: 'RecordAgeExceeded' } }]);
  });

  test('is given up after its retries; where the records stand goes to the destination', () => {
    const streaming = new Streaming({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: onFailure } },
    });
    streaming.feed(['a', 'b']);
    streaming.feed(['c']);
    expect(streaming.failOn('b')).toEqual(['ab', 'ab', 'ab', 'c']);
    expect(streaming.failures()).toEqual([
      {
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:greet',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 3,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: '2026-11-24T09:02:00.000Z',
        DDBStreamBatchInfo: {
          shardId: 'shard-1',
          startSequenceNumber: sequence(1),
          endSequenceNumber: sequence(2),
          approximateArrivalOfFirstRecord: '2026-11-24T09:00:00Z',
          approximateArrivalOfLastRecord: '2026-11-24T09:00:00Z',
          batchSize: 2,
          streamArn: EventSourceArn,
        },
      },
    ]);
  });

  test('halves find the bad record, and halving is no retry', () => {
    const streaming = new Streaming({ MaximumRetryAttempts: 0, BisectBatchOnFunctionError: true });
    streaming.feed(['a', 'b', 'c', 'd']);
    expect(streaming.failOn('c')).toEqual(['abcd', 'ab', 'cd', 'c', 'd']);
  });

  test('records older than the limit are given up, the others of the batch run', () => {
    const streaming = new Streaming({
      MaximumRecordAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: onFailure } },
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 10,
    });
    streaming.feed(['a'], start - 55_000);
    streaming.feed(['b'], start);
    streaming.bench.pass(10_000);
    expect(streaming.run().items).toEqual(['b']);
    const [failure] = streaming.failures();
    expect(failure).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
    expect(failure).not.toHaveProperty('responseContext');
  });
});

describe('an answer that names records', () => {
  const answer = (...numbers: unknown[]): string =>
    JSON.stringify({
      batchItemFailures: numbers.map((one) => ({ itemIdentifier: typeof one === 'number' ? sequence(one) : one })),
    });
  const reporting = (more: Json = {}): Streaming => {
    const streaming = new Streaming({ FunctionResponseTypes: ['ReportBatchItemFailures'], ...more });
    streaming.feed(['a', 'b', 'c', 'd']);
    return streaming;
  };

  test.each([
    ['goes on at the first of them', answer(4, 2, 3), ['b', 'c', 'd']],
    ['none: all succeeded', answer(), undefined],
    ['null: all succeeded', 'null', undefined],
    ['an unknown one: all failed', answer(9), ['a', 'b', 'c', 'd']],
    ['an empty one: all failed', answer(''), ['a', 'b', 'c', 'd']],
    ['no list: all failed', '{"batchItemFailures":"b"}', ['a', 'b', 'c', 'd']],
  ])('%s', (_, payload, again) => {
    const streaming = reporting();
    streaming.bench.finish(streaming.run().invocation, { payload });
    streaming.bench.pass(1000);
    expect(streaming.runs().map(({ items }) => items)).toEqual(again ? [again] : []);
  });

  test('without ReportBatchItemFailures it says nothing', () => {
    const streaming = reporting({ FunctionResponseTypes: [] });
    streaming.bench.finish(streaming.run().invocation, { payload: answer(2) });
    streaming.bench.pass(1000);
    expect(streaming.runs()).toEqual([]);
  });

  test('with halving, the rest is tried at once and no retry is counted', () => {
    const streaming = reporting({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 });
    streaming.bench.finish(streaming.run().invocation, { payload: answer(3) });
    expect(streaming.run().items).toEqual(['c', 'd']);
  });
});

test('a throttled batch waits and counts no retry', () => {
  const streaming = new Streaming({ MaximumRetryAttempts: 0 });
  streaming.bench.ask('PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
  streaming.feed(['a']);
  streaming.bench.pass(30_000);
  expect(streaming.runs()).toEqual([]);
  expect(streaming.bench.ask('$pending', {})).toEqual({ pending: 1 });
  streaming.bench.ask('DeleteFunctionConcurrency', { FunctionName: 'greet' });
  expect(streaming.run().items).toEqual(['a']);
});

test('a poll whose answer is lost is given up; the late answer is not taken', () => {
  const streaming = new Streaming();
  const [lost] = streaming.polls() as [Json];
  streaming.bench.pass(30_000);
  const [again] = streaming.polls() as [Json];
  expect(again).toMatchObject({ After: 'TRIM_HORIZON' });
  const reply = { output: { Records: [record(1, 'a', start)], Next: 1, Closed: false } };
  streaming.bench.ask('$reply', { tag: lost.tag, reply });
  expect(streaming.runs()).toEqual([]);
  streaming.bench.ask('$reply', { tag: again.tag, reply });
  expect(streaming.run().items).toEqual(['a']);
});

test('a disabled mapping neither reads nor runs; an enabled one goes on where it stood', () => {
  const streaming = new Streaming({ BatchSize: 1 });
  streaming.feed(['a']);
  const { invocation } = streaming.run();
  expect(streaming.polls()).toHaveLength(1);
  streaming.bench.ask('UpdateEventSourceMapping', { UUID: streaming.uuid, Enabled: false });
  streaming.bench.fail(invocation);
  streaming.bench.pass(3_600_000);
  expect([streaming.runs(), streaming.polls()]).toEqual([[], []]);
  streaming.bench.ask('UpdateEventSourceMapping', { UUID: streaming.uuid, Enabled: true });
  expect(streaming.run().items).toEqual(['a']);
});

test('what is told of a mapping, what an update changes', () => {
  const streaming = new Streaming({ DestinationConfig: { OnFailure: { Destination: onFailure } } });
  const { bench, uuid: UUID } = streaming;
  expect(bench.ask('GetEventSourceMapping', { UUID })).toMatchObject({
    EventSourceArn,
    BatchSize: 100,
    StartingPosition: 'TRIM_HORIZON',
    ParallelizationFactor: 1,
    BisectBatchOnFunctionError: false,
    MaximumRetryAttempts: -1,
    MaximumRecordAgeInSeconds: -1,
    DestinationConfig: { OnFailure: { Destination: onFailure } },
  });
  expect(
    bench.ask('UpdateEventSourceMapping', { UUID, ParallelizationFactor: 3, MaximumRetryAttempts: 5, BatchSize: 7 }),
  ).toMatchObject({
    ParallelizationFactor: 3,
    MaximumRetryAttempts: 5,
    BatchSize: 7,
    StartingPosition: 'TRIM_HORIZON',
  });
  expect(bench.ask('UpdateEventSourceMapping', { UUID, BatchSize: 10_001 })).toBe('InvalidParameterValueException');
  expect(bench.ask('GetEventSourceMapping', { UUID }).BatchSize).toBe(7);
});

test.each([
  ['no starting position', { StartingPosition: undefined }],
  ['a time to start at', { StartingPosition: 'AT_TIMESTAMP' }],
  ['a tumbling window', { TumblingWindowInSeconds: 10 }],
  ['a maximum concurrency', { ScalingConfig: { MaximumConcurrency: 2 } }],
  ['a factor above ten', { ParallelizationFactor: 11 }],
  ['an age below a minute', { MaximumRecordAgeInSeconds: 59 }],
  ['a destination in S3', { DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::lost' } } }],
])('%s is refused', (_, input) => {
  const bench = new Bench();
  bench.create();
  expect(bench.map({ EventSourceArn, StartingPosition: 'LATEST', FunctionResponseTypes: [], ...input })).toBe(
    'InvalidParameterValueException',
  );
});
