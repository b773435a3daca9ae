/**
 * What a Task's Resource names: which service is asked for what, and how its answer reads.
 *
 * Modelled: Lambda functions (by ARN and lambda:invoke), the optimized integrations of events, sqs, sns, dynamodb and
 * states, and aws-sdk:<service>:<operation> for every operation of a service that runs here. Patterns: response,
 * .waitForTaskToken, .sync and .sync:2 (states). Not modelled: activities, HTTP endpoints, other services; a definition
 * that names them can be made, as in AWS, and fails where it calls (activities: "does not exist").
 * Source: Step Functions developer guide, "Integrating services".
 */
import type { Json, Reply, ServiceName, ServiceOptions } from '../../service';
import type { StateContext } from '../interpreter/context';
import { textOf } from '../json';
import { failureOf, sdkOutput } from './answers';
import { functionInput, functionRead, invokeInput, invokeRead } from './functions';
import { type Optimized, optimized } from './optimized';
import { lowerFirst, sdkServices, upperFirst } from './sdk-services';

export type Pattern = 'response' | 'token' | 'sync';
export type Place = Pick<ServiceOptions, 'account' | 'region' | 'endpoint'>;
export type Answer = { output: Json } | { error: string; cause: string };

export interface Integration {
  to: ServiceName;
  /** AWS's operation name. */
  operation: string;
  pattern: Pattern;
  /** As the history has them, e.g. 'sqs' and 'sendMessage.waitForTaskToken'. */
  resourceType: string;
  resource: string;
  /** A Lambda function by its ARN: the history has events of its own for it. */
  plainFunction: boolean;
  /** .sync:2 */
  parsesOutput: boolean;
  input(given: Json, place: Place, context: StateContext): Json;
  read(reply: Reply): Answer;
}

const functionArn = /^arn:[\w-]+:lambda:[\w-]*:\d*:function:/;
const serviceArn =
  /^arn:[\w-]+:states:[\w-]*:\d*:(?:(aws-sdk):)?([\w-]+):([\w-]+)(?:\.(waitForTaskToken|sync|sync:2))?$/;
const known = new Map<string, Integration | undefined>();

/** undefined: nothing that exists here, such as an activity. */
export function integrationOf(resource: string): Integration | undefined {
  if (!known.has(resource)) known.set(resource, parse(resource));
  return known.get(resource);
}

function parse(resource: string): Integration | undefined {
  if (functionArn.test(resource)) {
    return {
      to: 'lambda',
      operation: 'Invoke',
      pattern: 'response',
      resourceType: 'lambda',
      resource: 'invoke',
      plainFunction: true,
      parsesOutput: false,
      input: (given) => functionInput(resource, given),
      read: functionRead,
    };
  }
  const parts = serviceArn.exec(resource);
  if (!parts || parts[2] === 'activity') return undefined;
  const [, sdk, service, action, suffix] = parts;
  const pattern: Pattern = suffix === undefined ? 'response' : suffix === 'waitForTaskToken' ? 'token' : 'sync';
  const common = {
    pattern,
    resource: suffix ? `${action}.${suffix}` : action!,
    plainFunction: false,
    parsesOutput: suffix === 'sync:2',
  };
  if (sdk) return { ...common, ...sdkIntegration(service!, action!) };
  if (service === 'lambda' && action === 'invoke') {
    return {
      ...common,
      to: 'lambda',
      operation: 'Invoke',
      resourceType: 'lambda',
      input: invokeInput,
      read: invokeRead,
    };
  }
  const found: Optimized | undefined = optimized(service!, action!);
  return found && { ...common, resourceType: service!, ...found };
}

function sdkIntegration(
  service: string,
  action: string,
): Pick<Integration, 'to' | 'operation' | 'resourceType' | 'input' | 'read'> {
  const found = Object.hasOwn(sdkServices, service) ? sdkServices[service]! : undefined;
  const operation = upperFirst(action);
  const { to, errors, lowerCase } = found ?? {
    to: service as ServiceName,
    errors: upperFirst(service),
    lowerCase: false,
  };
  const { blobs = [], texts = [] } = found ?? {};
  return {
    to,
    operation,
    resourceType: `aws-sdk:${service}`,
    input: (given) => bytesFrom(textsFrom(lowerCase ? renamed(given, lowerFirst) : given, texts), blobs),
    read: (reply) =>
      reply.error
        ? failureOf(reply.error, { prefix: errors, shown: errors, suffix: true, extended: service === 's3' })
        : { output: textFrom(sdkOutput(reply.output, lowerCase), blobs) },
  };
}

/** Bytes are base64 among services; in a state machine they are the text that they hold, or a value's JSON. */
function bytesFrom(given: Json, blobs: string[]): Json {
  const made = { ...given };
  for (const name of blobs) {
    const value = made[name];
    if (value !== undefined)
      made[name] = Buffer.from(typeof value === 'string' ? value : textOf(value)).toString('base64');
  }
  return made;
}

function textFrom(output: Json, blobs: string[]): Json {
  const made = { ...output };
  for (const name of blobs)
    if (typeof made[name] === 'string') made[name] = Buffer.from(made[name], 'base64').toString();
  return made;
}

function textsFrom(value: Json, texts: string[]): Json {
  if (texts.length === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => textsFrom(item, texts));
  return Object.fromEntries(
    Object.entries<Json>(value).map(([name, item]) => {
      const serialized = texts.includes(name) && typeof item === 'object' && item !== null;
      return [name, serialized ? textOf(item) : textsFrom(item, texts)];
    }),
  );
}

/** The names of members, at every depth. */
function renamed(value: Json, rename: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]));
}
