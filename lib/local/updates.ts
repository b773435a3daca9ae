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
  'AWS::StepFunctions::StateMachine': (before, after, { identity }) => {
    const [{ type, definition, roleArn }] = inputs(after, 'CreateStateMachine') as [Json];
    if (inputs(before, 'CreateStateMachine')[0].type !== type) return undefined;
    const input = { stateMachineArn: identity.ref, definition, roleArn };
    return [{ service: 'states', operation: 'UpdateStateMachine', input }];
  },
};

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
