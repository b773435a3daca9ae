/**
 * Beside peers, by turns in one run, through the same AWS SDK clients: SQS against fauxqs, conditional puts and
 * transactions against Amazon's DynamoDB Local; start and idle memory of each whole process.
 * The peers have nothing to run, so Baton is compared with a stack of one queue; the parcel app, functions and all, beside
 * it. Flags: --rounds N, --calls N.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { figure, flags, median, nodeProcessMs } from './support/measure';
import { startDynamoDbLocal, startFauxqs } from './support/peer';
import { type Started, startBaton } from './support/process';

const { rounds, calls } = flags({ rounds: 5, calls: 300 });
const project = join(__dirname, '..');

const clientOf = ({ endpoint }: Started) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

/** Does `step` so often, one after the other; microseconds each. */
async function each(step: (count: number) => Promise<unknown>, from: number): Promise<number> {
  const started = performance.now();
  for (let count = 0; count < calls; count++) await step(from + count);
  return ((performance.now() - started) * 1000) / calls;
}

/** Both by turns, the first round of each not counted. */
async function compare(name: string, ours: (count: number) => Promise<unknown>, theirs: typeof ours, peer: string) {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const pair = [await each(ours, round * calls), await each(theirs, round * calls)];
    if (round === 0) continue;
    times[0].push(pair[0]!);
    times[1].push(pair[1]!);
  }
  const [one, two] = [median(times[0]), median(times[1])];
  figure(name, one, 'µs', `${peer} ${two.toFixed(0)} µs, ratio ${(one / two).toFixed(2)}`);
}

async function queues(server: Started): Promise<(count: number) => Promise<unknown>> {
  const client = new SQSClient(clientOf(server));
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'bench' }));
  return async (count) => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: `message ${count}` }));
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages![0]!.ReceiptHandle }));
  };
}

async function tables(server: Started) {
  const client = new DynamoDBClient(clientOf(server));
  await client.send(
    new CreateTableCommand({
      TableName: 'bench',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const put = (id: string) => ({
    TableName: 'bench',
    Item: { id: { S: id }, state: { S: 'open' }, lines: { L: [{ M: { sku: { S: 'a' }, count: { N: '2' } } }] } },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  return {
    conditional: (count: number) => client.send(new PutItemCommand(put(`p${count}`))),
    transaction: (count: number) =>
      client.send(
        new TransactWriteItemsCommand({ TransactItems: [{ Put: put(`t${count}`) }, { Put: put(`u${count}`) }] }),
      ),
  };
}

/** A cloud assembly with as little in it as there can be. */
function oneQueue(): string {
  const dir = mkdtempSync(join(tmpdir(), 'baton-bench-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const stack = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'one.json' },
  };
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ version: '38.0.1', artifacts: { One: stack } }));
  writeFileSync(join(dir, 'one.json'), JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } }));
  return dir;
}

async function starts(name: string, start: () => Promise<Started>): Promise<void> {
  const times: number[] = [];
  const cpu: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await start();
    times.push(server.readyMs);
    cpu.push(server.cpuMs);
    idle.push(server.rssMb());
    await server.stop();
  }
  figure(
    `start, ${name}`,
    median(times),
    'ms',
    `processor ${median(cpu).toFixed(0)} ms, idle ${median(idle).toFixed(0)} MB; medians of ${rounds}`,
  );
}

async function main(): Promise<void> {
  figure('start, an empty node process', await nodeProcessMs(), 'ms');
  const bare = { args: ['--assembly', oneQueue()] };
  await starts('baton local with the parcel app', () => startBaton(project));
  await starts('baton local with one queue', () => startBaton(project, bare));
  await starts('fauxqs, SQS, SNS and S3', startFauxqs);
  const baton = await startBaton(project, bare);
  const fauxqs = await startFauxqs();
  await compare('SQS send, receive, delete', await queues(baton), await queues(fauxqs), 'fauxqs');
  await fauxqs.stop();
  const dynamoDb = await startDynamoDbLocal().catch((problem: Error) => problem);
  if (dynamoDb instanceof Error) console.log(`DynamoDB Local left out: ${dynamoDb.message}`);
  else {
    const [ours, theirs] = [await tables(baton), await tables(dynamoDb)];
    await compare('conditional put', ours.conditional, theirs.conditional, 'DynamoDB Local');
    await compare('transaction of two puts', ours.transaction, theirs.transaction, 'DynamoDB Local');
    await dynamoDb.stop();
    await starts('DynamoDB Local', startDynamoDbLocal);
  }
  await baton.stop();
}

main().then(() => process.exit());
