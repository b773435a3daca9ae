/**
 * What is set on a table once it is there: time to live, point-in-time recovery, tags.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html and its neighbours.
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { type Catalog, type Registered, tableName } from '../catalog';
import { invalid, Refusal } from '../errors';
import { ExpiryQueue, maxDelayMs } from '../expiry';
import { findTable, list } from './tables';
import { required } from './write';

/** On AWS the setting takes up to an hour; here it holds at once. */
export function updateTimeToLive(catalog: Catalog, now: Millis, input: Json): Json {
  const { table, id } = findTable(catalog, input);
  const specification = required(input.TimeToLiveSpecification, 'timeToLiveSpecification');
  const { AttributeName: attribute, Enabled: enabled } = specification;
  if (typeof attribute !== 'string' || attribute === '' || typeof enabled !== 'boolean') {
    throw invalid(
      `TimeToLiveSpecification is ${JSON.stringify(specification)}; it needs AttributeName (text) and Enabled (boolean)`,
    );
  }
  const current = table.expiry?.attribute;
  if (enabled === (current !== undefined) && (current === undefined || current === attribute)) {
    throw invalid(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
  }
  if (current !== undefined && current !== attribute) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  table.expireBy(
    enabled ? new ExpiryQueue(attribute, catalog.options.random.fork(`time to live ${id}`)) : undefined,
    now,
  );
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
}

export function describeTimeToLive(catalog: Catalog, _now: Millis, input: Json): Json {
  const { expiry } = findTable(catalog, input).table;
  return {
    TimeToLiveDescription: expiry
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: expiry.attribute }
      : { TimeToLiveStatus: 'DISABLED' },
  };
}

/**
 * The simulator's: how long after its time every expired item goes, in ms, at most 48 hours; without `delayMs`, as it is
 * drawn for each.
 */
export function delayTimeToLive(catalog: Catalog, now: Millis, { delayMs }: Json): Json {
  if (delayMs !== undefined && !(delayMs >= 0 && delayMs <= maxDelayMs))
    throw invalid(`delayMs is ${delayMs}; it must be 0 to ${maxDelayMs}`);
  for (const { table } of catalog.tables.values()) table.expiry?.delayBy(delayMs, now);
  return {};
}

/** Point-in-time recovery is a switch that is remembered; nothing can be restored here. */
export function updateContinuousBackups(catalog: Catalog, now: Millis, input: Json): Json {
  const registered = findTable(catalog, input);
  registered.pointInTimeRecovery =
    required(input.PointInTimeRecoverySpecification, 'pointInTimeRecoverySpecification').PointInTimeRecoveryEnabled ===
    true;
  return describeContinuousBackups(catalog, now, input);
}

export function describeContinuousBackups(catalog: Catalog, _now: Millis, input: Json): Json {
  const name = tableName(input.TableName);
  const registered = catalog.tables.get(name);
  if (!registered) throw new Refusal('TableNotFoundException', `Table not found: ${name}`);
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: registered.pointInTimeRecovery ? 'ENABLED' : 'DISABLED',
      },
    },
  };
}

function findByArn(catalog: Catalog, input: Json): Registered {
  const arn = required<string>(input.ResourceArn, 'resourceArn');
  for (const registered of catalog.tables.values()) if (registered.arn === arn) return registered;
  throw new Refusal('ResourceNotFoundException', `Requested resource not found: ResourceArn: ${arn} not found`);
}

export function tagResource(catalog: Catalog, _now: Millis, input: Json): Json {
  const { tags } = findByArn(catalog, input);
  for (const { Key, Value } of list(input.Tags)) tags.set(Key, Value);
  return {};
}

export function untagResource(catalog: Catalog, _now: Millis, input: Json): Json {
  const { tags } = findByArn(catalog, input);
  for (const key of list(input.TagKeys)) tags.delete(key);
  return {};
}

export function listTagsOfResource(catalog: Catalog, _now: Millis, input: Json): Json {
  return { Tags: [...findByArn(catalog, input).tags].map(([Key, Value]) => ({ Key, Value })) };
}
