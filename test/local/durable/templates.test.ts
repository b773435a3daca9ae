/** The templates after a restart: what is new is made, what can be changed is, what is gone is named; else it is said. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { folder, removeFolders } from '../assembly/support';
import { newFolder } from './support';

afterAll(removeFolders);

const queue = (Properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties });
const rule = (targets: Record<string, string>, EventPattern: object = { source: ['s'] }) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Name: 'r',
    EventPattern,
    Targets: Object.entries(targets).map(([Id, logicalId]) => ({ Id, Arn: { 'Fn::GetAtt': [logicalId, 'Arn'] } })),
  },
});
const code = (says: string) => `exports.handler = async () => ({ says: '${says}', size: process.env.SIZE });`;
const fn = (key: string, SIZE: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'f',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/r',
    Code: { S3Bucket: 'assets', S3Key: `${key}.zip` },
    Environment: { Variables: { SIZE } },
  },
});

/** One stack with these resources; functions' code by asset key. */
function assemblyOf(Resources: Record<string, object>, assets: Record<string, string> = {}): string {
  const files = Object.fromEntries(Object.entries(assets).map(([key, text]) => [`asset.${key}/index.js`, text]));
  const dir = folder({
    ...files,
    'App.template.json': { Resources },
    'App.assets.json': {
      version: '55.0.0',
      files: Object.fromEntries(
        Object.keys(assets).map((key) => [
          key,
          {
            source: { path: `asset.${key}`, packaging: 'zip' },
            destinations: { here: { bucketName: 'assets', objectKey: `${key}.zip` } },
          },
        ]),
      ),
    },
  });
  writeFileSync(
    join(dir, 'manifest.json'),
    JSON.stringify({
      version: '55.0.0',
      artifacts: {
        App: {
          type: 'aws:cloudformation:stack',
          properties: { templateFile: 'App.template.json' },
          dependencies: ['App.assets'],
        },
        'App.assets': { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } },
      },
    }),
  );
  return dir;
}

const start = (dir: string, assemblyDir: string): Promise<LocalRun> =>
  startLocal({ assemblyDir, port: 0, data: { dir, version: '1', failed: (error) => fail(error) } });

async function ask(run: LocalRun, service: any, operation: string, input: object): Promise<any> {
  const { output, error } = await run.world.request(service, operation, input);
  if (error) throw new Error(`${operation}: ${error.name}: ${error.message}`);
  return output;
}

test('a generated secret stays what it was', async () => {
  const dir = newFolder();
  const assemblyDir = assemblyOf({
    S: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 's', GenerateSecretString: {} } },
  });
  const values: string[] = [];
  for (let n = 0; n < 2; n++) {
    const run = await start(dir, assemblyDir);
    expect(run.provisioning.changed).toEqual([]);
    values.push((await ask(run, 'secretsmanager', 'GetSecretValue', { SecretId: 's' })).SecretString);
    await run.stop();
  }
  expect(values[0]).toHaveLength(32);
  expect(values[1]).toBe(values[0]);
});

test('new, changed and gone', async () => {
  const dir = newFolder();
  let run = await start(
    dir,
    assemblyOf({
      Old: queue({ QueueName: 'old' }),
      Kept: queue({ QueueName: 'kept' }),
      Rule: rule({ a: 'Old', b: 'Kept' }),
    }),
  );
  expect(run.restored).toBeUndefined();
  expect(run.provisioning.added).toEqual([
    'Old (AWS::SQS::Queue)',
    'Kept (AWS::SQS::Queue)',
    'Rule (AWS::Events::Rule)',
  ]);
  const { port } = run;
  const stackOf = async (): Promise<unknown> => {
    const [{ StackId, CreationTime }] = (await ask(run, 'cloudformation', 'DescribeStacks', {})).Stacks;
    return { StackId, CreationTime };
  };
  const stack = await stackOf();
  const keptUrl = `${run.endpoint}/123456789012/kept`;
  await ask(run, 'sqs', 'SendMessage', { QueueUrl: keptUrl, MessageBody: 'one' });
  await run.stop();

  run = await start(
    dir,
    assemblyOf({
      Kept: queue({ QueueName: 'kept', VisibilityTimeout: 77 }),
      New: queue({ QueueName: 'new' }),
      Rule: rule({ b: 'Kept', c: 'New' }, { source: ['t'] }),
    }),
  );
  expect(run.port).toBe(port);
  expect(await stackOf()).toEqual(stack);
  expect(run.restored!.holds).toEqual([[1, 'message']]);
  const { added, changed, removed } = run.provisioning;
  expect({ added, changed, removed }).toEqual({
    added: ['New (AWS::SQS::Queue)'],
    changed: ['Kept (AWS::SQS::Queue)', 'Rule (AWS::Events::Rule)'],
    removed: ['Old (AWS::SQS::Queue)'],
  });
  const { Attributes } = await ask(run, 'sqs', 'GetQueueAttributes', { QueueUrl: keptUrl, AttributeNames: ['All'] });
  expect([Attributes.VisibilityTimeout, Attributes.ApproximateNumberOfMessages]).toEqual(['77', '1']);
  const { Targets } = await ask(run, 'events', 'ListTargetsByRule', { Rule: 'r' });
  expect(Targets.map(({ Id }: any) => Id).sort()).toEqual(['b', 'c']);
  await run.stop();

  // A third start: what is gone is still named, and nothing is new.
  run = await start(dir, assemblyOf({ Kept: queue({ QueueName: 'kept', VisibilityTimeout: 77 }) }));
  expect(run.provisioning).toMatchObject({ added: [], changed: [] });
  expect(run.provisioning.removed).toHaveLength(3);
  await run.stop();
});

test("a function's new code and settings", async () => {
  const dir = newFolder();
  const says = async (run: LocalRun): Promise<unknown> => {
    const { Payload } = await ask(run, 'lambda', 'Invoke', { FunctionName: 'f' });
    return JSON.parse(Buffer.from(Payload, 'base64').toString());
  };
  let run = await start(dir, assemblyOf({ F: fn('a', '1') }, { a: code('before') }));
  expect(await says(run)).toEqual({ says: 'before', size: '1' });
  await run.stop();
  run = await start(dir, assemblyOf({ F: fn('b', '2') }, { b: code('after') }));
  expect(run.provisioning.changed).toEqual(['F (AWS::Lambda::Function)']);
  expect(await says(run)).toEqual({ says: 'after', size: '2' });
  await run.stop();
});

test('what cannot be changed in place is refused, and everything stays as it was', async () => {
  const dir = newFolder();
  const table = (name: string) => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'sums',
      KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: name, AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
  });
  const before = assemblyOf({ Sums: table('id') });
  let run = await start(dir, before);
  await ask(run, 'dynamodb', 'PutItem', { TableName: 'sums', Item: { id: { S: 'a' } } });
  await run.stop();
  await expect(start(dir, assemblyOf({ Sums: table('key'), New: queue({ QueueName: 'new' }) }))).rejects.toThrow(
    'The templates say something else now of Sums (AWS::DynamoDB::Table), and these cannot be changed in place.',
  );
  run = await start(dir, before);
  expect(run.restored!.holds).toEqual([[1, 'item']]);
  expect((await ask(run, 'sqs', 'ListQueues', {})).QueueUrls ?? []).toEqual([]);
  await run.stop();
});

test('another port is refused: addresses are part of what is kept', async () => {
  const dir = newFolder();
  const assemblyDir = assemblyOf({ Kept: queue() });
  const run = await start(dir, assemblyDir);
  await run.stop();
  const other = run.port === 65_000 ? 65_001 : 65_000;
  await expect(
    startLocal({ assemblyDir, port: other, data: { dir, version: '1', failed: (error) => fail(error) } }),
  ).rejects.toThrow(
    `live at port ${run.port}, and their queues and functions know it; this run asks for port ${other}`,
  );
});
