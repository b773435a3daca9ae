/**
 * Query and Scan.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html and API_Scan.html
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { Consumption, readUnits } from '../capacity';
import { type Catalog, refuseLegacy } from '../catalog';
import { invalid, invalidParameter } from '../errors';
import { parseCondition } from '../expressions/condition';
import type { Test } from '../expressions/evaluate';
import { Placeholders } from '../expressions/names';
import type { Path } from '../expressions/paths';
import { bindProjection } from '../expressions/projection';
import { attributesOf } from '../keys';
import { indexAt } from '../past';
import { keyAttributes, keyStretch, readPage, type Stretch, segment, startPlace } from '../query';
import type { Entry, Index, Table } from '../table';
import { copyValue } from '../values';
import { shown } from './items';
import { bindTest } from './write';

/** What Query and Scan have in common, read and checked. */
interface ReadRequest {
  table: Table;
  index: Index;
  filter: Test | undefined;
  projection: readonly Path[] | undefined;
  countOnly: boolean;
  /** Local indexes only: what the index lacks is fetched from the table. */
  fetch: boolean;
}

export function query(catalog: Catalog, now: Millis, input: Json): Json {
  refuseLegacy(input);
  const { table, index } = findIndex(catalog, now, input);
  if (input.KeyConditionExpression === undefined) {
    throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  }
  const placeholders = new Placeholders(table.keyAttribute, input, {
    KeyConditionExpression: input.KeyConditionExpression,
    FilterExpression: input.FilterExpression,
    ProjectionExpression: input.ProjectionExpression,
  });
  const condition = parseCondition('KeyConditionExpression', input.KeyConditionExpression);
  const request = readRequest(table, index, input, placeholders, (path) => {
    const [name] = path as [string];
    if (attributesOf(index.definition.schema).some((attribute) => attribute.name === name)) {
      throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
    }
    // A Scan, unlike a Query, takes such a filter and finds the attribute missing (seen with DynamoDB Local 3.3.0).
    if (index.attributes?.has(name) === false) {
      throw invalidParameter(
        `Secondary index ${index.definition.name} does not project one or more filter attributes: [${name}]`,
      );
    }
  });
  const { stretch, pk, bounds } = keyStretch(condition, index, placeholders);
  placeholders.checkAllUsed();
  let start: Entry | undefined;
  if (input.ExclusiveStartKey) {
    start = startPlace(table, index, input.ExclusiveStartKey);
    if (start.key.pk !== pk) {
      throw invalid('The provided starting key is outside query boundaries based on provided conditions');
    }
    if (!bounds.fromLow(start.key.sk) || !bounds.toHigh(start.key.sk)) {
      throw invalid('The provided starting key does not match the range key predicate');
    }
  }
  const reply = readAndShow(request, input, stretch, start, input.ScanIndexForward !== false);
  // A table without a sort key has at most one item for a key: there is nothing to go on with.
  if (index === table.primary && !table.schema.range) delete reply.LastEvaluatedKey;
  return reply;
}

export function scan(catalog: Catalog, now: Millis, input: Json): Json {
  refuseLegacy(input);
  const { table, index } = findIndex(catalog, now, input);
  const placeholders = new Placeholders(table.keyAttribute, input, {
    FilterExpression: input.FilterExpression,
    ProjectionExpression: input.ProjectionExpression,
  });
  const request = readRequest(table, index, input, placeholders);
  placeholders.checkAllUsed();
  const stretch = readSegment(input);
  const start = input.ExclusiveStartKey ? startPlace(table, index, input.ExclusiveStartKey) : undefined;
  if (start && !(stretch.fromLow(start) && stretch.toHigh(start))) {
    throw invalid(
      `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${input.TotalSegments} Segment: ${input.Segment}`,
    );
  }
  return readAndShow(request, input, stretch, start, true);
}

function findIndex(catalog: Catalog, now: Millis, input: Json): { table: Table; index: Index } {
  const { table } = catalog.find(input.TableName);
  if (input.IndexName === undefined) return { table, index: table.primary };
  const index = table.indexes.get(input.IndexName);
  if (!index) throw invalid(`The table does not have the specified index: ${input.IndexName}`);
  if (input.ConsistentRead === true && index.definition.global) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const { $staleMs: staleMs } = input;
  return { table, index: staleMs && index.definition.global ? indexAt(table, index, now - staleMs) : index };
}

const selects = ['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'COUNT', 'SPECIFIC_ATTRIBUTES'];

function readRequest(
  table: Table,
  index: Index,
  input: Json,
  placeholders: Placeholders,
  onFilterPath?: (path: Path) => void,
): ReadRequest {
  const { Select: select, ProjectionExpression: projectionText, Limit: limit } = input;
  const { name, global } = index.definition;
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  }
  if (select !== undefined && !selects.includes(select)) {
    throw invalid(
      `1 validation error detected: Value '${select}' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]`,
    );
  }
  if (projectionText !== undefined && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    const instead = select === 'COUNT' ? 'only the Count' : select;
    throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${instead}`);
  }
  if (projectionText === undefined && select === 'SPECIFIC_ATTRIBUTES') {
    throw invalid('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && index === table.primary) {
    throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'ALL_ATTRIBUTES' && global && index.attributes) {
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${name} because its projection type is not ALL`,
    );
  }
  const projection = projectionText === undefined ? undefined : bindProjection(projectionText, placeholders);
  const lacking = projection?.filter(([first]) => index.attributes?.has(first as string) === false) ?? [];
  if (lacking.length > 0 && global) {
    throw invalidParameter(
      `Global secondary index ${name} does not project [${lacking.map(([first]) => first).join(', ')}]`,
    );
  }
  const filter = bindTest('FilterExpression', input.FilterExpression, placeholders, onFilterPath);
  return {
    table,
    index,
    filter,
    projection,
    countOnly: select === 'COUNT',
    fetch: !global && index.attributes !== undefined && (select === 'ALL_ATTRIBUTES' || lacking.length > 0),
  };
}

function readSegment({ Segment: number, TotalSegments: total }: Json): Stretch {
  if (number === undefined && total === undefined) return segment(0, 1);
  if (total === undefined) {
    throw invalid(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (number === undefined) {
    throw invalid(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (!Number.isInteger(total) || total < 1 || total > 1_000_000) {
    throw invalid(
      `1 validation error detected: Value '${total}' at 'totalSegments' failed to satisfy constraint: Member must have value between 1 and 1000000`,
    );
  }
  if (!Number.isInteger(number) || number < 0 || number >= total) {
    throw invalid(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${number} is not less than TotalSegments: ${total}`,
    );
  }
  return segment(number, total);
}

function readAndShow(
  request: ReadRequest,
  input: Json,
  stretch: Stretch,
  start: Entry | undefined,
  forward: boolean,
): Json {
  const { table, index, filter, projection, countOnly, fetch } = request;
  const consumption = new Consumption(input.ReturnConsumedCapacity);
  const page = readPage(index, stretch, {
    forward,
    limit: input.Limit ?? Number.POSITIVE_INFINITY,
    start,
    sizeOf: ({ row }) => index.sizeOf(row),
  });
  const found = filter ? page.entries.filter(({ row }) => filter(index.projected(row.item))) : page.entries;
  const consistent = input.ConsistentRead === true;
  consumption.add(
    table,
    readUnits(page.bytes, consistent),
    index === table.primary ? undefined : index.definition.name,
  );
  if (fetch) for (const { row } of found) consumption.add(table, readUnits(row.size, consistent));
  const itemOf = ({ row }: Entry) => shown(fetch ? row.item : index.projected(row.item), projection);
  return {
    ...(countOnly ? {} : { Items: found.map(itemOf) }),
    Count: found.length,
    ScannedCount: page.entries.length,
    ...(page.last ? { LastEvaluatedKey: lastKey(table, index, page.last) } : {}),
    ...consumption.single(),
  };
}

function lastKey(table: Table, index: Index, { row }: Entry): Json {
  return Object.fromEntries(keyAttributes(table, index).map(({ name }) => [name, copyValue(row.item[name]!)]));
}
