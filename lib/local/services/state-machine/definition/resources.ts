/**
 * Which resources a Task may name, and with which pattern.
 * Source: Step Functions developer guide, "Integrating services" (table of optimized integrations and their patterns), "AWS
 * SDK service integrations", "Choosing workflow type" (what Express workflows lack).
 */
import type { Json } from '../../service';
import { optimizedServices } from '../integrations/optimized';
import type { Surroundings } from './validate';

/** Of optimized integrations that run here. aws-sdk: any service may wait for a token, none may `.sync`. */
const patterns: Record<string, string[]> = {
  lambda: ['waitForTaskToken'],
  dynamodb: [],
  sqs: ['waitForTaskToken'],
  sns: ['waitForTaskToken'],
  events: ['waitForTaskToken'],
  states: ['sync', 'sync:2', 'waitForTaskToken'],
};

/** Optimized integrations of AWS that do not run here: a definition may name them, and a Task that does fails. */
const elsewhere = new Set(
  (
    'apigateway athena batch bedrock codebuild databrew ecs eks elasticmapreduce emr-containers emr-serverless glue ' +
    'http mediaconvert sagemaker'
  ).split(' '),
);

const serviceArn = /^arn:[\w-]+:states:[\w-]*:\d*:(aws-sdk:)?([\w-]+):([\w-]+)(?:\.([\w:]+))?$/;

export function checkResource(resource: Json, location: string, { report, type }: Surroundings): void {
  if (typeof resource !== 'string' || !/^arn:[\w-]+:/.test(resource)) {
    report.error(location, `The resource '${resource}' is no ARN.`);
    return;
  }
  const [, sdk, service, action, pattern] = serviceArn.exec(resource) ?? [];
  if (service === 'activity') {
    if (type === 'EXPRESS') report.error(location, 'Express state machine does not support activities');
    return;
  }
  if (service === undefined) return;
  const unknown = sdk
    ? !/^[a-z]/.test(action!) || (pattern !== undefined && pattern !== 'waitForTaskToken')
    : !isOptimized(service, action!, pattern);
  if (unknown) {
    report.error(
      location,
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  } else if (type === 'EXPRESS' && pattern) {
    report.error(location, `Express state machine does not support '${pattern}' service integration`);
  }
}

function isOptimized(service: string, action: string, pattern: string | undefined): boolean {
  if (elsewhere.has(service)) return true;
  const actions = optimizedServices();
  if (!Object.hasOwn(actions, service) || !actions[service]!.includes(action)) return false;
  return pattern === undefined || patterns[service]!.includes(pattern);
}
