/**
 * What an event source mapping is set to: validated input of CreateEventSourceMapping and UpdateEventSourceMapping ->
 * settings -> AWS's EventSourceMappingConfiguration.
 * Source: API_CreateEventSourceMapping.html; docs services-ddb-params.html, services-sqs-parameters.html
 */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { invalid, within } from './configuration';
import { criteriaOf, type Filter, filtersFrom } from './filters';

export interface MappingSettings {
  id: string;
  functionName: string;
  /** Version or alias, where the mapping names one. */
  qualifier?: string;
  sourceArn: string;
  enabled: boolean;
  batchSize: number;
  windowSeconds: number;
  reportsFailures: boolean;
  filters: Filter[];
  /** How long an empty source is waited for. Default: 20, as long as SQS allows. */
  pollSeconds?: number;
  /** Queues only. */
  maxConcurrency?: number;
  /** Streams only. */
  stream?: StreamSettings;
}

export interface StreamSettings {
  startingPosition: 'TRIM_HORIZON' | 'LATEST';
  parallelizationFactor: number;
  bisects: boolean;
  /** -1: without end. */
  maxRetries: number;
  /** -1: as long as the stream keeps a record. */
  maxAgeSeconds: number;
  onFailureArn?: string;
}

const streamMembers = [
  'StartingPosition',
  'StartingPositionTimestamp',
  'ParallelizationFactor',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'TumblingWindowInSeconds',
] as const;

type Identity = Pick<MappingSettings, 'id' | 'functionName' | 'qualifier' | 'sourceArn' | 'pollSeconds'>;

/** `was`: before an update; what the input leaves out stays. */
export function mappingSettings(
  input: Json,
  { id, functionName, qualifier, sourceArn, pollSeconds }: Identity,
  was?: MappingSettings,
): MappingSettings {
  const isStream = /^arn:aws:dynamodb:[^:]+:\d+:table\/[^/]+\/stream\/.+/.test(sourceArn);
  if (!isStream && !/^arn:aws:sqs:/.test(sourceArn)) {
    throw invalid(
      `The event source '${sourceArn}' is not modelled; allowed: an SQS queue, or the stream of a DynamoDB table.`,
    );
  }
  for (const member of ['ProvisionedPollerConfig', 'KMSKeyArn', 'DocumentDBEventSourceConfig'] as const) {
    if (input[member] !== undefined) throw invalid(`${member} of a mapping is not modelled; leave it out.`);
  }
  for (const type of input.FunctionResponseTypes ?? []) {
    if (type !== 'ReportBatchItemFailures') {
      throw invalid(`FunctionResponseTypes holds '${type}'; allowed: ReportBatchItemFailures.`);
    }
  }
  const fifo = sourceArn.endsWith('.fifo');
  const batchSize = within(input, 'BatchSize', 1, fifo ? 10 : 10_000, was?.batchSize ?? (isStream ? 100 : 10));
  const windowSeconds = within(input, 'MaximumBatchingWindowInSeconds', 0, 300, was?.windowSeconds ?? 0);
  if (fifo && windowSeconds > 0) throw invalid('Batching window is not supported for FIFO queues.');
  if (!isStream && batchSize > 10 && windowSeconds < 1) {
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  }
  return {
    id,
    functionName,
    qualifier,
    sourceArn,
    pollSeconds,
    enabled: input.Enabled === undefined ? (was?.enabled ?? true) : isTrue(input.Enabled),
    batchSize,
    windowSeconds,
    reportsFailures: input.FunctionResponseTypes
      ? input.FunctionResponseTypes.includes('ReportBatchItemFailures')
      : (was?.reportsFailures ?? false),
    filters: input.FilterCriteria ? filtersFrom(input.FilterCriteria) : (was?.filters ?? []),
    ...(isStream ? { stream: streamSettings(input, sourceArn, was?.stream) } : queueSettings(input, was)),
  };
}

/** Templates may hold booleans as text. */
const isTrue = (value: Json): boolean => value === true || value === 'true';

function queueSettings(input: Json, was?: MappingSettings): Pick<MappingSettings, 'maxConcurrency'> {
  if (input.StartingPosition !== undefined) throw invalid('StartingPosition is not valid for SQS event sources.');
  const member = streamMembers.find((name) => input[name] !== undefined);
  if (member) throw invalid(`${member} is given for a queue; it is only for streams.`);
  if (input.DestinationConfig?.OnFailure?.Destination) {
    throw invalid('DestinationConfig is given for a queue; give the queue a redrive policy instead.');
  }
  if (input.ScalingConfig === undefined) return { maxConcurrency: was?.maxConcurrency };
  const { MaximumConcurrency } = input.ScalingConfig;
  return {
    maxConcurrency:
      MaximumConcurrency === undefined ? undefined : within(input.ScalingConfig, 'MaximumConcurrency', 2, 1000, 2),
  };
}

function streamSettings(input: Json, arn: string, was?: StreamSettings): StreamSettings {
  const startingPosition = was?.startingPosition ?? input.StartingPosition;
  if (startingPosition === undefined) {
    throw invalid(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST') {
    throw invalid(`Unsupported starting position for arn type: ${arn}`);
  }
  if (input.ScalingConfig?.MaximumConcurrency !== undefined) {
    throw invalid('ScalingConfig is given for a stream; it is only for queues. Streams have ParallelizationFactor.');
  }
  if (Number(input.TumblingWindowInSeconds ?? 0) > 0) {
    throw invalid('TumblingWindowInSeconds is not modelled; allowed: 0, or left out.');
  }
  const onFailureArn = input.DestinationConfig
    ? input.DestinationConfig.OnFailure?.Destination || undefined
    : was?.onFailureArn;
  if (onFailureArn && !/^arn:aws:(sqs|sns):/.test(onFailureArn)) {
    throw invalid(`The on-failure destination ${onFailureArn} is not modelled; allowed: an SQS queue, an SNS topic.`);
  }
  return {
    startingPosition,
    parallelizationFactor: within(input, 'ParallelizationFactor', 1, 10, was?.parallelizationFactor ?? 1),
    bisects:
      input.BisectBatchOnFunctionError === undefined
        ? (was?.bisects ?? false)
        : isTrue(input.BisectBatchOnFunctionError),
    maxRetries: within(input, 'MaximumRetryAttempts', -1, 10_000, was?.maxRetries ?? -1),
    maxAgeSeconds: ageOf(input, was),
    onFailureArn,
  };
}

function ageOf(input: Json, was?: StreamSettings): number {
  const age = within(input, 'MaximumRecordAgeInSeconds', -1, 604_800, was?.maxAgeSeconds ?? -1);
  if (age >= 0 && age < 60) throw invalid(`MaximumRecordAgeInSeconds is ${age}; allowed: -1, or from 60 to 604800.`);
  return age;
}

/** AWS's EventSourceMappingConfiguration. */
export function mappingConfiguration(settings: MappingSettings, functionArn: string, lastModified: Millis): Json {
  const { stream, maxConcurrency, filters, qualifier } = settings;
  return {
    UUID: settings.id,
    EventSourceMappingArn: functionArn.replace(/:function:.*$/, `:event-source-mapping:${settings.id}`),
    EventSourceArn: settings.sourceArn,
    FunctionArn: qualifier ? `${functionArn}:${qualifier}` : functionArn,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    ...(filters.length > 0 && { FilterCriteria: criteriaOf(filters) }),
    ...(maxConcurrency && { ScalingConfig: { MaximumConcurrency: maxConcurrency } }),
    ...(stream && {
      StartingPosition: stream.startingPosition,
      ParallelizationFactor: stream.parallelizationFactor,
      BisectBatchOnFunctionError: stream.bisects,
      MaximumRetryAttempts: stream.maxRetries,
      MaximumRecordAgeInSeconds: stream.maxAgeSeconds,
      TumblingWindowInSeconds: 0,
      DestinationConfig: { OnFailure: stream.onFailureArn ? { Destination: stream.onFailureArn } : {} },
    }),
    FunctionResponseTypes: settings.reportsFailures ? ['ReportBatchItemFailures'] : [],
    State: settings.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: lastModified / 1000,
  };
}
