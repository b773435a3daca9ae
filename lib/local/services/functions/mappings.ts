/** The event source mappings there are, and what is asked about them. Only queues are sources. */
import type { Millis } from '../../ports';
import type { Effect, Json } from '../service';
import { conflict, invalid, notFound, within } from './configuration';
import { Mapping } from './mapping';
import type { FunctionRegistry } from './registry';

export class MappingRegistry {
  private readonly mappings = new Map<string, Mapping>();

  constructor(
    private readonly functions: FunctionRegistry,
    private readonly newId: () => string,
    /** ARN of a queue -> its URL. */
    private readonly queueUrl: (arn: string) => string,
    private readonly pollSeconds?: number,
  ) {}

  all(): Iterable<Mapping> {
    return this.mappings.values();
  }

  get(id: string): Mapping | undefined {
    return this.mappings.get(id);
  }

  delete(id: string): Json {
    const mapping = this.find(id);
    this.mappings.delete(id);
    return { ...this.shown(mapping), State: 'Deleting' };
  }

  create(now: Millis, input: Json): Json {
    const { owner } = this.functions.find(input);
    const queueArn = String(input.EventSourceArn ?? '');
    if (!/^arn:aws:sqs:/.test(queueArn)) {
      throw invalid(`The event source '${queueArn}' is not modelled; allowed: an SQS queue. (Streams are not.)`);
    }
    if (input.FilterCriteria?.Filters?.length > 0) {
      throw invalid(
        'FilterCriteria of a mapping are not modelled: they delete what does not match. Filter on the rule instead.',
      );
    }
    const fifo = queueArn.endsWith('.fifo');
    const batchSize = within(input, 'BatchSize', 1, fifo ? 10 : 10_000, 10);
    const windowSeconds = within(input, 'MaximumBatchingWindowInSeconds', 0, 300, 0);
    if (fifo && windowSeconds > 0) throw invalid('Batching window is not supported for FIFO queues.');
    if (batchSize > 10 && windowSeconds < 1) {
      throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
    }
    for (const type of input.FunctionResponseTypes ?? []) {
      if (type !== 'ReportBatchItemFailures') {
        throw invalid(`FunctionResponseTypes holds '${type}'; allowed: ReportBatchItemFailures.`);
      }
    }
    for (const { settings } of this.mappings.values()) {
      if (settings.queueArn === queueArn && settings.functionName === owner.name) {
        throw conflict(
          `An event source mapping with SQS arn ("${queueArn}") and function ("${owner.name}") already exists. ` +
            `Please update or delete the existing mapping with UUID ${settings.id}`,
        );
      }
    }
    const mapping = new Mapping(
      {
        id: input.$uuid ?? this.newId(),
        functionName: owner.name,
        queueArn,
        queueUrl: this.queueUrl(queueArn),
        enabled: input.Enabled ?? true,
        batchSize,
        windowSeconds,
        maxConcurrency: concurrencyOf(input),
        pollSeconds: this.pollSeconds,
        reportsFailures: (input.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
      },
      now,
    );
    this.mappings.set(mapping.settings.id, mapping);
    return { ...this.shown(mapping), State: mapping.settings.enabled ? 'Enabled' : 'Disabled' };
  }

  list(input: Json): Json {
    const name = input.FunctionName ? this.functions.find(input).owner.name : undefined;
    return {
      EventSourceMappings: [...this.mappings.values()]
        .filter(({ settings }) => !name || settings.functionName === name)
        .filter(({ settings }) => !input.EventSourceArn || settings.queueArn === input.EventSourceArn)
        .map((mapping) => this.shown(mapping)),
    };
  }

  update(now: Millis, input: Json, act: (effects: Effect[]) => void): Json {
    const mapping = this.find(input.UUID);
    const { settings } = mapping;
    if (input.Enabled !== undefined) act(mapping.enable(input.Enabled));
    if (input.BatchSize !== undefined) settings.batchSize = within(input, 'BatchSize', 1, 10_000, 10);
    if (input.ScalingConfig !== undefined) settings.maxConcurrency = concurrencyOf(input);
    mapping.lastModified = now;
    return this.shown(mapping);
  }

  find(id: string): Mapping {
    const found = this.mappings.get(id);
    if (!found) throw notFound('The resource you requested does not exist.');
    return found;
  }

  shown(mapping: Mapping): Json {
    return mapping.configuration(this.functions.arnOf(mapping.settings.functionName));
  }
}

function concurrencyOf(input: Json): number | undefined {
  if (input.ScalingConfig?.MaximumConcurrency === undefined) return undefined;
  return within(input.ScalingConfig, 'MaximumConcurrency', 2, 1000, 2);
}
