/**
 * A resource that exists and whose template says something else now: the requests that make it so, by resource type.
 * What is kept (messages, items, executions, warm queues) stays; a type that is not here cannot be changed in place.
 */
import type { PlannedResource } from './assembly';
import type { CreateRequest } from './services/resource-type';
import type { Json } from './services/service';

/** undefined: not in place. */
type Update = (
  before: CreateRequest[],
  after: CreateRequest[],
  resource: PlannedResource,
) => CreateRequest[] | undefined;

/** Every request of it sets all that it names, whatever was there. */
const again: Update = (_before, after) => after;

/** Where what it names for good is the same; the rest is set anew. */
const againUnless =
  (...fixed: string[]): Update =>
  ([before], after) =>
    fixed.some((name) => before!.input[name] !== after[0]!.input[name]) ? undefined : after;

const inputs = (requests: CreateRequest[], operation: string): Json[] =>
  requests.filter((request) => request.operation === operation).map(({ input }) => input);

const updates: Record<string, Update> = {
  'AWS::Lambda::Function': (before, after) => {
    const [{ input }, ...rest] = after as [CreateRequest, ...CreateRequest[]];
    const { FunctionName } = input;
    const limited = (requests: CreateRequest[]): boolean => inputs(requests, 'PutFunctionConcurrency').length > 0;
    return [
      { service: 'lambda', operation: '$replace', input },
      ...rest,
      ...(limited(before) && !limited(after)
        ? [{ service: 'lambda' as const, operation: 'DeleteFunctionConcurrency', input: { FunctionName } }]
        : []),
    ];
  },
  'AWS::Lambda::EventInvokeConfig': again,
  'AWS::Lambda::EventSourceMapping': (before, after) => {
    const [{ input: old }, { input }] = [before[0]!, after[0]!];
    // Where it reads from and where it begins are for ever, and what is left out would have to get its default back.
    const fixed = ['EventSourceArn', 'StartingPosition'].some((name) => old[name] !== input[name]);
    if (fixed || Object.keys(old).some((name) => !(name in input))) return undefined;
    const { $uuid: UUID, EventSourceArn: _, StartingPosition: __, ...settings } = input;
    return [{ service: 'lambda', operation: 'UpdateEventSourceMapping', input: { UUID, ...settings } }];
  },
  'AWS::Events::Rule': (before, after) => {
    const targets = (requests: CreateRequest[]): string[] =>
      inputs(requests, 'PutTargets').flatMap(({ Targets }) => Targets.map(({ Id }: Json) => Id));
    const Ids = targets(before).filter((id) => !targets(after).includes(id));
    const { Name, EventBusName } = inputs(after, 'PutRule')[0];
    const removed = {
      service: 'events' as const,
      operation: 'RemoveTargets',
      input: { Rule: Name, EventBusName, Ids },
    };
    return Ids.length > 0 ? [removed, ...after] : after;
  },
  'AWS::Scheduler::Schedule': (_before, after) => after.map((request) => ({ ...request, operation: 'UpdateSchedule' })),
  'AWS::SQS::Queue': (before, after, { identity }) => {
    const [old] = inputs(before, '$CreateQueue');
    const { FifoQueue: _, ...Attributes } = inputs(after, '$CreateQueue')[0].Attributes;
    // What is left out would have to get its default back.
    const gone = Object.keys(old.Attributes).some((name) => name !== 'FifoQueue' && !(name in Attributes));
    const input = { QueueUrl: identity.ref, Attributes };
    return gone ? undefined : [{ service: 'sqs', operation: 'SetQueueAttributes', input }];
  },
  'AWS::SQS::QueuePolicy': again,
  'AWS::SNS::Topic': (before, after) => {
    const fifo = (requests: CreateRequest[]): unknown => inputs(requests, '$PutTopic')[0].Attributes.FifoTopic;
    if (fifo(before) !== fifo(after)) return undefined;
    const arns = (requests: CreateRequest[]): string[] => inputs(requests, '$PutSubscription').map(({ $arn }) => $arn);
    const gone = arns(before).filter((arn) => !arns(after).includes(arn));
    return [...after, ...gone.map((SubscriptionArn) => unsubscribe(SubscriptionArn))];
  },
  'AWS::SNS::Subscription': againUnless('$arn', 'TopicArn', 'Protocol', 'Endpoint'),
  'AWS::SNS::TopicPolicy': again,
  'AWS::SSM::Parameter': againUnless('Type'),
  'AWS::SecretsManager::Secret': again,
  'AWS::StepFunctions::StateMachine': (before, after, { identity }) => {
    const [{ type, definition, roleArn, loggingConfiguration = { level: 'OFF' } }] = inputs(
      after,
      'CreateStateMachine',
    ) as [Json];
    if (inputs(before, 'CreateStateMachine')[0].type !== type) return undefined;
    const input = { stateMachineArn: identity.ref, definition, roleArn, loggingConfiguration };
    return [{ service: 'states', operation: 'UpdateStateMachine', input }];
  },
  'AWS::StepFunctions::StateMachineVersion': again,
  'AWS::StepFunctions::StateMachineAlias': (_before, after, { identity }) => {
    const [{ description, routingConfiguration }] = inputs(after, 'CreateStateMachineAlias') as [Json];
    const input = { stateMachineAliasArn: identity.ref, description, routingConfiguration };
    return [{ service: 'states', operation: 'UpdateStateMachineAlias', input }];
  },
};

const unsubscribe = (SubscriptionArn: string): CreateRequest => ({
  service: 'sns',
  operation: 'Unsubscribe',
  input: { SubscriptionArn },
});

/** The requests that change it; undefined where that is not possible in place. A physical name is never changed. */
export function updateOf(before: CreateRequest[], resource: PlannedResource): CreateRequest[] | undefined {
  if (resource.requests.length === 0 || before.length === 0) return undefined;
  if (nameIn(before[0]!) !== nameIn(resource.requests[0]!)) return undefined;
  return updates[resource.type]?.(before, resource.requests, resource);
}

const nameMembers = ['FunctionName', 'QueueName', 'QueueUrl', 'Name', 'name'];
function nameIn({ input }: CreateRequest): unknown {
  return nameMembers.map((member) => input[member]).find((value) => value !== undefined);
}

/** The requests that take it away, with what it holds; undefined where nothing here can. */
export function removalOf(resource: PlannedResource): CreateRequest[] | undefined {
  return removals[resource.type]?.(resource);
}

const removals: Record<string, (resource: PlannedResource) => CreateRequest[]> = {
  'AWS::Lambda::Function': ({ identity }) => [
    { service: 'lambda', operation: 'DeleteFunction', input: { FunctionName: identity.ref } },
  ],
  'AWS::Lambda::EventSourceMapping': ({ identity }) => [
    { service: 'lambda', operation: 'DeleteEventSourceMapping', input: { UUID: identity.ref } },
  ],
  'AWS::Events::Rule': ({ requests }) => {
    const { Name, EventBusName } = inputs(requests, 'PutRule')[0];
    const Ids = inputs(requests, 'PutTargets').flatMap(({ Targets }) => Targets.map(({ Id }: Json) => Id));
    const targets: CreateRequest[] =
      Ids.length > 0
        ? [{ service: 'events', operation: 'RemoveTargets', input: { Rule: Name, EventBusName, Ids } }]
        : [];
    return [...targets, { service: 'events', operation: 'DeleteRule', input: { Name, EventBusName } }];
  },
  'AWS::Scheduler::Schedule': ({ requests }) => {
    const { Name, GroupName } = requests[0]!.input;
    return [{ service: 'scheduler', operation: 'DeleteSchedule', input: { Name, GroupName } }];
  },
  'AWS::SQS::Queue': ({ identity }) => [
    { service: 'sqs', operation: 'DeleteQueue', input: { QueueUrl: identity.ref } },
  ],
  'AWS::StepFunctions::StateMachine': ({ identity }) => [
    { service: 'states', operation: 'DeleteStateMachine', input: { stateMachineArn: identity.ref } },
  ],
  'AWS::StepFunctions::StateMachineAlias': ({ identity }) => [
    { service: 'states', operation: 'DeleteStateMachineAlias', input: { stateMachineAliasArn: identity.ref } },
  ],
  'AWS::SNS::Topic': ({ identity }) => [
    { service: 'sns', operation: 'DeleteTopic', input: { TopicArn: identity.ref } },
  ],
  'AWS::SNS::Subscription': ({ identity }) => [unsubscribe(identity.ref)],
  'AWS::SSM::Parameter': ({ identity }) => [
    { service: 'ssm', operation: 'DeleteParameter', input: { Name: identity.ref } },
  ],
  'AWS::SecretsManager::Secret': ({ identity }) => [
    {
      service: 'secretsmanager',
      operation: 'DeleteSecret',
      input: { SecretId: identity.ref, ForceDeleteWithoutRecovery: true },
    },
  ],
  'AWS::DynamoDB::Table': ({ identity }) => [
    { service: 'dynamodb', operation: 'DeleteTable', input: { TableName: identity.ref } },
  ],
  'AWS::DynamoDB::GlobalTable': ({ identity }) => [
    { service: 'dynamodb', operation: 'DeleteTable', input: { TableName: identity.ref } },
  ],
  'AWS::Logs::LogGroup': ({ identity }) => [
    { service: 'logs', operation: 'DeleteLogGroup', input: { logGroupName: identity.ref } },
  ],
  'AWS::S3::Bucket': ({ identity }) => [{ service: 's3', operation: 'DeleteBucket', input: { Bucket: identity.ref } }],
};
