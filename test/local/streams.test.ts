/**
 * A table with a stream, a mapping and a function from one template, in virtual and in real time; and the streams' API on
 * the wire, by the target that its clients name.
 */
import { type Crossing, type FaultDecision, noFaults, type TraceEntry } from '../../lib/local/ports';
import type { Json } from '../../lib/local/services/service';
import { type LocalRun, startLocal } from '../../lib/local/start';
import { VirtualWorld } from '../../lib/local/virtual';
import { assembly, removeFolders } from './assembly/support';

const code = `
exports.handler = async (event) => {
  for (const { eventName, dynamodb, userIdentity } of event.Records)
    console.log('saw', eventName, dynamodb.Keys.id.S, dynamodb.NewImage ? dynamodb.NewImage.step.N : '-', userIdentity ? userIdentity.type : '-');
  if (event.Records.some(({ dynamodb }) => dynamodb.Keys.id.S === 'poison')) throw new Error('poison');
};`;

const template = {
  Resources: {
    Orders: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'Orders',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        TimeToLiveSpecification: { AttributeName: 'ends', Enabled: true },
      },
    },
    Lost: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'lost' } },
    Watch: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'watch',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::123456789012:role/watch',
        Code: { ZipFile: code },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Orders', 'StreamArn'] },
        FunctionName: { Ref: 'Watch' },
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 10,
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 1,
        ParallelizationFactor: 2,
        FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"id":{"S":[{"anything-but":"ignored"}]}}}}' }] },
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Lost', 'Arn'] } } },
      },
    },
  },
};

afterAll(removeFolders);

const item = (id: string, step: number, more: Json = {}): Json => ({
  TableName: 'Orders',
  Item: { id: { S: id }, step: { N: String(step) }, ...more },
});
const sightings = (trace: readonly TraceEntry[]): string[] =>
  trace.flatMap(({ kind, message }) =>
    kind === 'log' && String(message).includes('saw') ? [/saw (.*)/.exec(String(message))![1]!] : [],
  );

describe('in virtual time', () => {
  const opened: VirtualWorld[] = [];
  const begin = (decide: (crossing: Crossing) => FaultDecision | undefined = noFaults.decide): VirtualWorld => {
    const world = new VirtualWorld({ assemblyDir: assembly({ Shop: { template } }), faults: { decide } });
    opened.push(world);
    return world;
  };
  afterEach(async () => {
    for (const world of opened.splice(0)) {
      expect(world.world.bugs).toEqual([]);
      await world.stop();
    }
  });

  test('each change reaches the function, each item in order, and then it is quiet', async () => {
    const world = begin();
    for (let step = 1; step <= 3; step++)
      for (const id of ['a', 'b', 'ignored']) world.now('dynamodb', 'PutItem', item(id, step));
    world.now('dynamodb', 'DeleteItem', { TableName: 'Orders', Key: { id: { S: 'a' } } });
    await world.pass(2000);
    expect(await world.settle()).toBe('quiet');
    const seen = sightings(world.trace);
    const of = (id: string): string[] => seen.filter((line) => line.split(' ')[1] === id);
    expect(of('a')).toEqual(['INSERT a 1 -', 'MODIFY a 2 -', 'MODIFY a 3 -', 'REMOVE a - -']);
    expect(of('b')).toEqual(['INSERT b 1 -', 'MODIFY b 2 -', 'MODIFY b 3 -']);
    expect(of('ignored')).toEqual([]);
  });

  test('what time to live removed is told apart', async () => {
    const world = begin();
    world.now('dynamodb', 'PutItem', item('a', 1, { ends: { N: String(world.time.now() / 1000) } }));
    await world.pass(49 * 3_600_000);
    expect(sightings(world.trace)).toEqual(['INSERT a 1 -', 'REMOVE a - Service']);
  });

  test('one bad record is found, given up and told; the others are handled', async () => {
    const world = begin();
    const ids = ['a', 'b', 'c', 'd', 'poison', 'e', 'f'];
    world.now('dynamodb', 'BatchWriteItem', {
      RequestItems: { Orders: ids.map((id) => ({ PutRequest: { Item: item(id, 1).Item } })) },
    });
    await world.pass(60_000);
    const { Messages } = world.now('sqs', 'ReceiveMessage', {
      QueueUrl: world.now('sqs', 'GetQueueUrl', { QueueName: 'lost' }).QueueUrl,
      MaxNumberOfMessages: 10,
    });
    expect(Messages.map(({ Body }: Json) => JSON.parse(Body))).toMatchObject([
      { requestContext: { condition: 'RetryAttemptsExhausted' }, DDBStreamBatchInfo: { batchSize: 1 } },
    ]);
    const handled = new Set(sightings(world.trace).map((line) => line.split(' ')[1]));
    expect([...handled].sort()).toEqual([...ids].sort());
  });

  test('an answer that is lost on its way loses no record', async () => {
    let left = 6;
    const world = begin((crossing) =>
      crossing.at === 'call' && crossing.operation === '$awaitRecords' && left-- > 0 ? { do: 'lose' } : undefined,
    );
    world.now('dynamodb', 'PutItem', item('a', 1));
    await world.pass(3_600_000);
    expect(sightings(world.trace)).toEqual(['INSERT a 1 -']);
    expect(left).toBeLessThan(0);
  });
});

describe('in real time', () => {
  let run: LocalRun;
  const trace: TraceEntry[] = [];
  let heard: () => void = () => {};
  beforeAll(async () => {
    run = await startLocal({
      assemblyDir: assembly({ Shop: { template } }),
      port: 0,
      trace: (entry) => {
        trace.push(entry);
        heard();
      },
    });
  });
  afterAll(() => run.stop());

  const seen = (count: number): Promise<void> =>
    new Promise((resolve) => {
      heard = () => sightings(trace).length >= count && resolve();
      heard();
    });

  const ask = async (operation: string, input: Json): Promise<Json> => {
    const response = await fetch(run.endpoint, {
      method: 'POST',
      headers: {
        'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
        'content-type': 'application/x-amz-json-1.0',
      },
      body: JSON.stringify(input),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };

  test('changes reach the function, and a client of DynamoDB Streams reads them too', async () => {
    for (const step of [1, 2]) run.world.requestNow('dynamodb', 'PutItem', item('a', step));
    await seen(2);
    expect(sightings(trace)).toEqual(['INSERT a 1 -', 'MODIFY a 2 -']);
    const [{ StreamArn }] = (await ask('ListStreams', { TableName: 'Orders' })).Streams;
    const { StreamDescription } = await ask('DescribeStream', { StreamArn });
    const found: string[] = [];
    for (const { ShardId } of StreamDescription.Shards) {
      const { ShardIterator } = await ask('GetShardIterator', {
        StreamArn,
        ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      });
      found.push(...(await ask('GetRecords', { ShardIterator })).Records.map(({ eventName }: Json) => eventName));
    }
    expect(found).toEqual(['INSERT', 'MODIFY']);
    expect(await ask('DescribeStream', { StreamArn: `${StreamArn}x` })).toMatchObject({
      status: 400,
      __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
    });
  });
});
