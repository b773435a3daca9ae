/**
 * A table's stream, switched on and off. Source: API_UpdateTable.html (StreamSpecification), API_StreamSpecification.html.
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { type Catalog, type Registered, streamLabel } from '../catalog';
import { invalid } from '../errors';
import { mostShards, streamViewTypes, TableStream } from './stream';

export function setStream(catalog: Catalog, now: Millis, registered: Registered, specification: Json): void {
  if (!specification) return;
  const { table, definition } = registered;
  const { StreamEnabled: enabled, StreamViewType: view } = specification;
  if (enabled === false) {
    endStream(now, registered);
    return;
  }
  if (!streamViewTypes.includes(view)) {
    throw invalid(
      `StreamSpecification.StreamViewType is ${JSON.stringify(view)}; it must be one of ${streamViewTypes.join(', ')}`,
    );
  }
  if (table.stream) throw invalid(`Table already has an enabled stream: TableName: ${table.name}`);
  const first = `${registered.arn}/stream/${streamLabel}`;
  table.stream = new TableStream({
    tableName: table.name,
    tableArn: registered.arn,
    label: catalog.streams.has(first) ? new Date(now).toISOString().slice(0, -1) : streamLabel,
    region: catalog.options.region,
    view,
    schema: table.schema,
    shards: definition.BillingMode === 'PAY_PER_REQUEST' ? mostShards : 1,
    createdMs: now,
  });
  catalog.streams.set(table.stream.arn, table.stream);
  definition.StreamSpecification = { StreamEnabled: true, StreamViewType: view };
}

export function endStream(now: Millis, { table, definition }: Registered): void {
  table.stream?.close(now);
  table.stream = undefined;
  definition.StreamSpecification = undefined;
}

/** The members of a table's description. */
export const shownStream = ({ table: { stream }, definition }: Registered): Json =>
  stream && {
    StreamSpecification: definition.StreamSpecification,
    LatestStreamLabel: stream.options.label,
    LatestStreamArn: stream.arn,
  };
