/** SNS, Parameter Store and Secrets Manager as the AWS SDK's clients speak to them over HTTP. */
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { assembly, removeFolders } from '../assembly/support';

let run: LocalRun;
const client = () => ({
  endpoint: run.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});
beforeAll(async () => {
  run = await startLocal({ assemblyDir: assembly({ Empty: { template: { Resources: {} } } }), port: 0 });
});
afterAll(async () => {
  await run.stop();
  removeFolders();
});

test('SNS: Query in, XML out; bytes, maps, lists and errors', async () => {
  const sns = new SNSClient(client());
  const sqs = new SQSClient(client());
  const { TopicArn } = await sns.send(
    new CreateTopicCommand({
      Name: 'orders',
      Attributes: { DisplayName: 'A & <B>' },
      Tags: [{ Key: 'k', Value: 'v' }],
    }),
  );
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(Attributes).toMatchObject({ TopicArn, DisplayName: 'A & <B>' });
  expect((await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags).toEqual([
    { Key: 'k', Value: 'v' },
  ]);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  const Endpoint = 'arn:aws:sqs:us-east-1:123456789012:q';
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint,
      Attributes: { RawMessageDelivery: 'true', FilterPolicy: '{"kind":["a"]}' },
    }),
  );
  expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toMatchObject([
    { Endpoint, Protocol: 'sqs' },
  ]);
  const kind = (StringValue: string) => ({
    kind: { DataType: 'String', StringValue },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 255, 10]) },
  });
  await sns.send(new PublishCommand({ TopicArn, Message: 'no', MessageAttributes: kind('b') }));
  const { Successful, Failed } = await sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [{ Id: 'one', Message: 'line\r\nÄ', MessageAttributes: kind('a') }],
    }),
  );
  expect([Successful, Failed]).toEqual([[{ Id: 'one', MessageId: expect.any(String) }], []]);
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      WaitTimeSeconds: 5,
      MessageAttributeNames: ['All'],
      MaxNumberOfMessages: 10,
    }),
  );
  expect(Messages).toHaveLength(1);
  expect(Messages![0]).toMatchObject({ Body: 'line\r\nÄ', MessageAttributes: { kind: { StringValue: 'a' } } });
  expect([...Messages![0]!.MessageAttributes!.bytes!.BinaryValue!]).toEqual([0, 255, 10]);
  await expect(sns.send(new PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'm' }))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Topic does not exist',
    $metadata: { httpStatusCode: 404 },
  });
  const MessageAttributes = { a: { DataType: 'Colour', StringValue: 'red' } };
  await expect(sns.send(new PublishCommand({ TopicArn, Message: 'm', MessageAttributes }))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
});

test('Parameter Store', async () => {
  const ssm = new SSMClient(client());
  const put = (Name: string, Value: string) => ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));
  expect(await put('/shop/key', 'Ä')).toMatchObject({ Version: 1, Tier: 'Standard' });
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/shop/key', WithDecryption: true }));
  expect(Parameter).toMatchObject({ Value: 'Ä', LastModifiedDate: expect.any(Date) });
  const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: '/shop', WithDecryption: true }));
  expect(Parameters).toMatchObject([{ Name: '/shop/key', Value: 'Ä' }]);
  await expect(ssm.send(new GetParameterCommand({ Name: '/none' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
});

test('Secrets Manager', async () => {
  const secrets = new SecretsManagerClient(client());
  await secrets.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary: Uint8Array.from([0, 255]) }));
  const { SecretBinary, CreatedDate } = await secrets.send(new GetSecretValueCommand({ SecretId: 'bytes' }));
  expect([...SecretBinary!]).toEqual([0, 255]);
  expect(CreatedDate).toBeInstanceOf(Date);
  expect((await secrets.send(new ListSecretsCommand({}))).SecretList).toMatchObject([{ Name: 'bytes' }]);
  await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});
