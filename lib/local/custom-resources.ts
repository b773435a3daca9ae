/**
 * Custom resources: functions of the template that run while a stack is made, and whose answers other resources use.
 * Source: CloudFormation User Guide, "Custom resource reference" (request and response objects; properties arrive as
 * strings), "Lambda-backed custom resources"; aws-cdk custom-resource-handlers (https, port 443, whatever the URL says).
 *
 * Modelled: Create, Update (changed properties, with --watch or --data), the answer by ResponseURL, Data and PhysicalResourceId, functions that call functions (CDK's provider
 * framework). Not modelled: SNS topics as providers; Delete, neither at the end of
 * a run nor when the resource is gone.
 *
 * 1. While planning, Ref and GetAtt of a custom resource are marks in the text. They are replaced by what was answered.
 * 2. What needs no answer is made first; then custom resources run one after the other, each when all that it names is
 *    there; then what waited for it. One that waits for itself is named.
 * 3. FAILED, a function that throws, and silence end the start with the resource, its construct path and the reason.
 * 4. The ResponseURL is an object in a bucket of the local S3, named as AWS names its own.
 */
import type { Plan, PlannedResource } from './assembly';
import { ProvisionError, type Provisioned, type Provisioning, provision } from './provision';
import { realTime } from './real-time';
import type { ResourceType } from './services/resource-type';
import type { Json } from './services/service';
import type { World } from './world';

export const customResourceType = 'AWS::CloudFormation::CustomResource';
const bucket = 'cloudformation-custom-resource-response-useast1';
/** AWS waits an hour; a developer looks at the screen. A resource's own ServiceTimeout goes before it. */
const patienceSeconds = 120;

const markOf = (place: string, attribute: string): string => `{{custom:${place}:${attribute}}}`;
const marks = /\{\{custom:([^:}]+):([^}]*)\}\}/g;

/** Also for every Custom::*. */
export const customResource: ResourceType = {
  modelled: ['*'],
  identify({ stackName, logicalId }) {
    const place = `${stackName}/${logicalId}`;
    return { ref: markOf(place, ''), attributes: {}, anyAttribute: (name) => markOf(place, name) };
  },
  create({ props, logicalId, stackName }) {
    if (typeof props.ServiceToken !== 'string' || !props.ServiceToken.startsWith('arn:aws:lambda:'))
      throw new Error(
        `ServiceToken is ${JSON.stringify(props.ServiceToken)}; only a function of this assembly can make a custom resource here`,
      );
    const input = { place: `${stackName}/${logicalId}`, ResourceProperties: asStrings(props) };
    return [{ service: 'cloudformation', operation: '$custom', input }];
  },
};

/** As `provision`, with custom resources run where there are any; `plan` holds their answers afterwards. */
export async function provisionAll(
  world: World,
  plan: Plan,
  before: Provisioned = {},
  remedy?: string,
): Promise<Provisioning> {
  const custom = plan.resources.filter(isCustom);
  if (custom.length === 0) return provision(world, plan, before, remedy);
  world.requestNow('s3', 'CreateBucket', { Bucket: bucket });
  const answers = new Map<string, Json>();
  const waiting = new Set(custom);
  const all: Pick<Provisioning, 'added' | 'changed'> = { added: [], changed: [] };
  let done = before;
  for (;;) {
    fill(plan, answers);
    const ready = plan.resources.filter((resource) => !isCustom(resource) && !waits(resource));
    const { added, changed, now, removed } = provision(world, { ...plan, resources: ready }, done, remedy);
    all.added.push(...added);
    all.changed.push(...changed);
    done = now;
    const next = [...waiting].find((resource) => !waits(resource));
    if (!next) {
      const stuck = [...waiting].map(({ constructPath }) => constructPath);
      if (stuck.length > 0)
        throw new ProvisionError(`Custom resources that wait for each other or for themselves: ${stuck.join(', ')}.`);
      const names = new Set(custom.map(named));
      return { ...all, removed: removed.filter((name) => !names.has(name)), now: done };
    }
    waiting.delete(next);
    const place = placeOf(next);
    const asked = JSON.stringify(next.requests[0]!.input.ResourceProperties);
    const known = done[place]?.requests[0]?.input;
    const kept = known?.answer && JSON.stringify(known.ResourceProperties) === asked;
    const answer = kept ? known.answer : await run(world, plan, next, known);
    if (!kept) (known ? all.changed : all.added).push(named(next));
    const [{ input, ...request }] = next.requests as [PlannedResource['requests'][0]];
    const { type, constructPath } = next;
    done = { ...done, [place]: { type, constructPath, requests: [{ ...request, input: { ...input, answer } }] } };
    answers.set(place, answer);
  }
}

async function run(world: World, plan: Plan, resource: PlannedResource, before: Json): Promise<Json> {
  const { stackName, logicalId, type, constructPath } = resource;
  const { ResourceProperties } = resource.requests[0]!.input;
  const failed = (why: string): ProvisionError =>
    new ProvisionError(`${stackName}: ${constructPath} (${type}) could not be created: ${why}`);
  const Key = `${stackName}/${logicalId}/${realTime.now()}`;
  const event = {
    RequestType: before?.answer ? 'Update' : 'Create',
    ServiceToken: ResourceProperties.ServiceToken,
    ResponseURL: `https://${bucket}.s3.us-east-1.amazonaws.com/${Key}`,
    StackId: plan.stacks.find((stack) => stack.stackName === stackName)!.stackId,
    RequestId: Key,
    LogicalResourceId: logicalId,
    ResourceType: type,
    ResourceProperties,
    ...(before?.answer && {
      PhysicalResourceId: before.answer.id,
      OldResourceProperties: before.ResourceProperties,
    }),
  };
  const Payload = Buffer.from(JSON.stringify(event)).toString('base64');
  const FunctionName = ResourceProperties.ServiceToken;
  const reply = await world.request('lambda', 'Invoke', { FunctionName, Payload });
  if (reply.error) throw failed(`its function ${FunctionName}: ${reply.error.message}`);
  const seconds = Number(ResourceProperties.ServiceTimeout ?? patienceSeconds);
  const until = realTime.now() + seconds * 1000;
  for (;;) {
    const object = world.requestNow('s3', 'GetObject', { Bucket: bucket, Key });
    if (object.output) {
      world.requestNow('s3', 'DeleteObject', { Bucket: bucket, Key });
      const answer = JSON.parse(Buffer.from(object.output.Body, 'base64').toString());
      if (answer.Status !== 'SUCCESS')
        throw failed(`its function answered ${answer.Status}: ${answer.Reason ?? 'no reason'}`);
      return { id: answer.PhysicalResourceId ?? Key, data: answer.Data ?? {} };
    }
    if (reply.output.FunctionError) {
      const { errorType, errorMessage } = JSON.parse(Buffer.from(reply.output.Payload, 'base64').toString());
      throw failed(`its function ended with ${errorType}: ${errorMessage}`);
    }
    if (realTime.now() > until)
      throw failed(`its function ended, and nothing came to its ResponseURL within ${seconds} s (ServiceTimeout)`);
    await new Promise<void>((resolve) => realTime.at(realTime.now() + 25, resolve));
  }
}

/** Puts what was answered in the place of the marks, wherever they stand in the plan. */
function fill(plan: Plan, answers: Map<string, Json>): void {
  const answered = (place: string, attribute: string): Json => {
    const answer = answers.get(place);
    if (!answer) return markOf(place, attribute);
    if (attribute === '') return answer.id;
    if (Object.hasOwn(answer.data, attribute)) return answer.data[attribute];
    throw new ProvisionError(
      `Vendor response doesn't contain ${attribute} attribute in object: ${place} answered ${Object.keys(answer.data).join(', ') || 'no Data'}.`,
    );
  };
  const filled = (value: Json): Json => {
    if (typeof value === 'string') {
      const [whole] = value.matchAll(marks);
      if (whole?.[0] === value) return answered(whole[1]!, whole[2]!);
      return value.replace(marks, (_, place, attribute) => String(answered(place, attribute)));
    }
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
  };
  for (const resource of plan.resources) {
    resource.requests = filled(resource.requests);
    resource.identity = { ...resource.identity, ...filled({ ref: resource.identity.ref }) };
  }
  plan.outputs = filled(plan.outputs);
}

const waits = ({ requests }: PlannedResource): boolean => JSON.stringify(requests).search(marks) >= 0;
const isCustom = ({ requests }: PlannedResource): boolean => requests[0]?.operation === '$custom';
const named = ({ constructPath, type }: PlannedResource): string => `${constructPath} (${type})`;
const placeOf = ({ stackName, logicalId }: PlannedResource): string => `${stackName}/${logicalId}`;

/** CloudFormation hands over every scalar as text. */
function asStrings(value: Json): Json {
  if (Array.isArray(value)) return value.map(asStrings);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asStrings(item)]));
  return String(value);
}
