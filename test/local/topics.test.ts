/** Topics in virtual time: calls take their seeded time, so that order and quiet have to be seen to. */
import { seededRandom } from '../../lib/local/random';
import { VirtualWorld } from '../../lib/local/virtual';
import { assembly, removeFolders } from './assembly/support';

afterAll(removeFolders);

const attribute = (logicalId: string, name: string): object => ({ 'Fn::GetAtt': [logicalId, name] });
const template = {
  Resources: {
    Lane: { Type: 'AWS::SNS::Topic', Properties: { FifoTopic: true, ContentBasedDeduplication: true } },
    Orders: { Type: 'AWS::SNS::Topic' },
    InOrder: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
    Any: { Type: 'AWS::SQS::Queue' },
    ToLane: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Lane' },
        Protocol: 'sqs',
        Endpoint: attribute('InOrder', 'Arn'),
        RawMessageDelivery: true,
      },
    },
    ToAny: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Orders' },
        Protocol: 'sqs',
        Endpoint: attribute('Any', 'Arn'),
        RawMessageDelivery: true,
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['s'] },
        Targets: [{ Id: 't', Arn: { Ref: 'Orders' }, InputPath: '$.detail' }],
      },
    },
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 's', GenerateSecretString: {} } },
  },
  Outputs: {
    LaneArn: { Value: { Ref: 'Lane' } },
    InOrderUrl: { Value: { Ref: 'InOrder' } },
    AnyUrl: { Value: { Ref: 'Any' } },
  },
};

const begun = (seed: string, faults?: ConstructorParameters<typeof VirtualWorld>[0]['faults']): VirtualWorld =>
  new VirtualWorld({ assemblyDir: assembly({ App: { template } }), seed, faults });
const bodies = (world: VirtualWorld, output: string): string[] =>
  (world.now('sqs', 'ReceiveMessage', { QueueUrl: world.output(output), MaxNumberOfMessages: 10 }).Messages ?? []).map(
    ({ Body }: any) => Body,
  );

test('an event, a rule, a topic, a queue: the world is quiet when the message is there', async () => {
  const world = begun('one');
  world.now('events', 'PutEvents', { Entries: [{ Source: 's', DetailType: 'd', Detail: '{"n":1}' }] });
  expect(world.quiet()).toBe(false);
  expect(await world.settle()).toBe('quiet');
  expect(bodies(world, 'AnyUrl')).toEqual(['{"n":1}']);
  await world.stop();
});

test.each(['a', 'b', 'c', 'd'])(
  'a group arrives in order whatever its calls take and however they fail (seed %s)',
  async (seed) => {
    const chance = seededRandom(`faults ${seed}`);
    const world = begun(seed, {
      decide: ({ at, ...crossing }) =>
        at === 'call' && 'from' in crossing && crossing.from === 'sns' && chance.below(3) === 0
          ? { do: 'fail-before', error: 'ServiceUnavailable', status: 503 }
          : undefined,
    });
    const TopicArn = world.output('LaneArn');
    const messages = Array.from({ length: 8 }, (_, n) => String(n));
    for (const Message of messages) world.now('sns', 'Publish', { TopicArn, Message, MessageGroupId: 'g' });
    expect(await world.settle()).toBe('quiet');
    expect(bodies(world, 'InOrderUrl')).toEqual(messages);
    expect(world.trace.some(({ kind }) => kind === 'topic-delivery-retry')).toBe(true);
    await world.stop();
  },
);

test('a generated secret is the same for every seed', async () => {
  const values = ['one', 'two'].map((seed) => begun(seed).now('secretsmanager', 'GetSecretValue', { SecretId: 's' }));
  expect(values[0].SecretString).toHaveLength(32);
  expect(values[1].SecretString).toBe(values[0].SecretString);
});
