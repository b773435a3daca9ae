/**
 * How asynchronous invocations are retried and where their records go; for a function, a version or an alias.
 * Source: API_PutFunctionEventInvokeConfig.html and its neighbours.
 */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { invalid, notFound, within } from './configuration';
import { destinationArn } from './destinations';
import type { AsyncConfig } from './function';
import type { Target } from './registry';

/** `was`: what an update leaves as it is. */
export function putInvokeConfig(
  now: Millis,
  { owner, qualifier = '$LATEST' }: Target,
  input: Json,
  was?: AsyncConfig,
): Json {
  for (const condition of ['OnSuccess', 'OnFailure']) {
    const target = input.DestinationConfig?.[condition]?.Destination;
    if (target && !destinationArn.test(target)) {
      throw invalid(
        `The ${condition} destination ${target} is not modelled; allowed: an SQS queue, an SNS topic, a function, an event bus.`,
      );
    }
  }
  const destinations = input.DestinationConfig;
  const config: AsyncConfig = {
    maxRetries: within(input, 'MaximumRetryAttempts', 0, 2, was?.maxRetries ?? 2),
    maxAgeSeconds: within(input, 'MaximumEventAgeInSeconds', 60, 21_600, was?.maxAgeSeconds ?? 21_600),
    onFailureArn: destinations ? destinations.OnFailure?.Destination : was?.onFailureArn,
    onSuccessArn: destinations ? destinations.OnSuccess?.Destination : was?.onSuccessArn,
    lastModified: now,
  };
  owner.asyncConfigs.set(qualifier, config);
  return shownInvokeConfig({ owner, qualifier, version: '', arn: '' });
}

export function invokeConfigOf({ owner, qualifier = '$LATEST' }: Target): AsyncConfig {
  const config = owner.asyncConfigs.get(qualifier);
  if (!config) throw notFound(`The function ${owner.arn}:${qualifier} doesn't have an EventInvokeConfig`);
  return config;
}

export function shownInvokeConfig(target: Target): Json {
  const { owner, qualifier = '$LATEST' } = target;
  const config = invokeConfigOf(target);
  const to = (arn: string | undefined): Json => (arn ? { Destination: arn } : {});
  return {
    FunctionArn: `${owner.arn}:${qualifier}`,
    LastModified: (config.lastModified ?? 0) / 1000,
    MaximumRetryAttempts: config.maxRetries,
    MaximumEventAgeInSeconds: config.maxAgeSeconds,
    DestinationConfig: { OnSuccess: to(config.onSuccessArn), OnFailure: to(config.onFailureArn) },
  };
}

export const listInvokeConfigs = (target: Target): Json => ({
  FunctionEventInvokeConfigs: [...target.owner.asyncConfigs.keys()].map((qualifier) =>
    shownInvokeConfig({ ...target, qualifier }),
  ),
});
