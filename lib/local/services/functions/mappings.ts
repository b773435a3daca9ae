/** The event source mappings there are, and what is asked about them. */
import type { Millis } from '../../ports';
import type { Effect, Json } from '../service';
import { conflict, notFound } from './configuration';
import type { Destinations } from './destinations';
import type { Mapping } from './mapping';
import { mappingConfiguration, mappingSettings } from './mapping-settings';
import { QueueMapping } from './queue-mapping';
import type { FunctionRegistry } from './registry';
import { StreamMapping } from './stream-mapping';

export class MappingRegistry {
  private readonly mappings = new Map<string, Mapping>();

  constructor(
    private readonly functions: FunctionRegistry,
    private readonly newId: () => string,
    private readonly destinations: Destinations,
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
    const { owner, qualifier } = this.functions.find(input);
    const settings = mappingSettings(input, {
      id: input.$uuid ?? this.newId(),
      functionName: owner.name,
      qualifier,
      sourceArn: String(input.EventSourceArn ?? ''),
      pollSeconds: this.pollSeconds,
    });
    for (const { settings: other } of this.mappings.values()) {
      if (other.sourceArn === settings.sourceArn && other.functionName === owner.name) {
        throw conflict(
          `An event source mapping with ${settings.stream ? 'Dynamodb' : 'SQS'} arn (" ${settings.sourceArn} ") and ` +
            `function (" ${owner.name} ") already exists. ` +
            `Please update or delete the existing mapping with UUID ${other.id}`,
        );
      }
    }
    const mapping = settings.stream
      ? new StreamMapping(settings, now, this.functions.arnOf(owner.name), this.newId, this.destinations)
      : new QueueMapping(settings, now, this.destinations.queueUrl(settings.sourceArn));
    this.mappings.set(settings.id, mapping);
    return this.shown(mapping);
  }

  list(input: Json): Json {
    const name = input.FunctionName ? this.functions.find(input).owner.name : undefined;
    return {
      EventSourceMappings: [...this.mappings.values()]
        .filter(({ settings }) => !name || settings.functionName === name)
        .filter(({ settings }) => !input.EventSourceArn || settings.sourceArn === input.EventSourceArn)
        .map((mapping) => this.shown(mapping)),
    };
  }

  update(now: Millis, input: Json, act: (effects: Effect[]) => void): Json {
    const mapping = this.find(input.UUID);
    const { settings } = mapping;
    const target = input.FunctionName === undefined ? undefined : this.functions.find(input);
    const changed = mappingSettings(
      input,
      {
        ...settings,
        functionName: target?.owner.name ?? settings.functionName,
        qualifier: target ? target.qualifier : settings.qualifier,
      },
      settings,
    );
    const stops = settings.enabled && !changed.enabled;
    Object.assign(settings, changed);
    if (stops) act(mapping.stopped());
    mapping.lastModified = now;
    return this.shown(mapping);
  }

  find(id: string): Mapping {
    const found = this.mappings.get(id);
    if (!found) throw notFound('The resource you requested does not exist.');
    return found;
  }

  shown({ settings, lastModified }: Mapping): Json {
    return mappingConfiguration(settings, this.functions.arnOf(settings.functionName), lastModified);
  }
}
