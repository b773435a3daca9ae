/**
 * Tables: CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable.
 *
 * A table is ACTIVE at once: AWS's CREATING and UPDATING are not modelled. Throughput is recorded, never enforced
 * (throttling is brought in by fault injection). Encryption, table class and replicas are recorded or ignored.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html and its neighbours.
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { type Catalog, type Registered, tableId, tableName } from '../catalog';
import { invalid, invalidParameter, notModelled, Refusal } from '../errors';
import { attributesOf, type KeySchema, type KeyType } from '../keys';
import { endStream, setStream, shownStream } from '../streams/settings';
import { type IndexDefinition, Table } from '../table';
import { required } from './write';

export function createTable(catalog: Catalog, now: Millis, input: Json): Json {
  const name = tableName(input.TableName);
  if (catalog.tables.has(name)) {
    throw new Refusal('ResourceInUseException', `Table already exists: ${name}`);
  }
  checkThroughput(input);
  const types = attributeTypes(input.AttributeDefinitions);
  const schema = readSchema(input.KeySchema, types);
  const indexes = [
    ...list(input.LocalSecondaryIndexes).map((index) => readIndex(index, types, false)),
    ...list(input.GlobalSecondaryIndexes).map((index) => readIndex(index, types, true)),
  ];
  checkIndexes(schema, indexes);
  checkAllDefined(types, [schema, ...indexes.map((index) => index.schema)]);
  const arn = catalog.arnOf(name);
  const registered: Registered = {
    table: new Table(name, schema, indexes),
    arn,
    id: tableId(arn),
    createdMs: now,
    definition: structuredClone({ ...input, Tags: undefined }),
    tags: new Map(list(input.Tags).map(({ Key, Value }) => [Key, Value])),
    deletionProtection: input.DeletionProtectionEnabled === true,
    pointInTimeRecovery: false,
  };
  setStream(catalog, now, registered, input.StreamSpecification);
  catalog.tables.set(name, registered);
  return { TableDescription: describe(registered) };
}

export const list = (value: Json): Json[] => (Array.isArray(value) ? value : []);

function checkThroughput(input: Json): void {
  const mode = input.BillingMode ?? 'PROVISIONED';
  if (mode !== 'PROVISIONED' && mode !== 'PAY_PER_REQUEST') {
    throw invalid(
      `1 validation error detected: Value '${mode}' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]`,
    );
  }
  if (mode === 'PROVISIONED' && !input.ProvisionedThroughput) {
    throw invalidParameter(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  if (mode === 'PAY_PER_REQUEST' && input.ProvisionedThroughput) {
    throw invalidParameter(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
}

type Types = Map<string, KeyType>;

function attributeTypes(definitions: Json): Types {
  const types: Types = new Map();
  for (const { AttributeName: name, AttributeType: type } of required<Json[]>(definitions, 'attributeDefinitions')) {
    if (type !== 'S' && type !== 'N' && type !== 'B') {
      throw invalid(
        `1 validation error detected: Value '${type}' at 'attributeDefinitions.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]`,
      );
    }
    types.set(name, type);
  }
  return types;
}

function readSchema(elements: Json, types: Types): KeySchema {
  const [hash, range, ...more] = required<Json[]>(elements, 'keySchema');
  if (hash?.KeyType !== 'HASH') throw invalid('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (range && range.KeyType !== 'RANGE') {
    throw invalid('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
  if (more.length > 0) throw notModelled('A key of more than two attributes', 'Use one HASH and one RANGE attribute.');
  const typed = ({ AttributeName: name }: Json) => {
    const type = types.get(name);
    if (!type) {
      throw invalidParameter(
        `Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
      );
    }
    return { name, type };
  };
  return range ? { hash: typed(hash), range: typed(range) } : { hash: typed(hash) };
}

const projectionTypes = ['ALL', 'KEYS_ONLY', 'INCLUDE'];

function readIndex(input: Json, types: Types, global: boolean): IndexDefinition {
  const { IndexName: name, Projection: projection } = input;
  const type = projection?.ProjectionType;
  if (!projectionTypes.includes(type)) throw invalidParameter(`Unknown ProjectionType: ${type}`);
  const attributes = list(projection.NonKeyAttributes);
  if (type !== 'INCLUDE' && attributes.length > 0) {
    throw invalidParameter(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (type === 'INCLUDE' && attributes.length === 0) {
    throw invalidParameter('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  return { name, global, schema: readSchema(input.KeySchema, types), projection: { type, attributes } };
}

function checkIndexes(schema: KeySchema, indexes: readonly IndexDefinition[]): void {
  const names = new Set<string>();
  for (const { name, global, schema: own } of indexes) {
    if (!/^[A-Za-z0-9_.-]{3,255}$/.test(name)) {
      throw invalid(
        `IndexName '${name}': names are 3 to 255 characters long and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'`,
      );
    }
    if (names.has(name)) throw invalidParameter(`Duplicate index name: ${name}`);
    names.add(name);
    if (!global && own.hash.name !== schema.hash.name) {
      throw invalidParameter(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${own.hash.name}, table hash key: ${schema.hash.name}`,
      );
    }
    if (!global && !own.range) {
      throw invalidParameter(`Index KeySchema does not have a range key for index: ${name}`);
    }
  }
}

function checkAllDefined(types: Types, schemas: readonly KeySchema[]): void {
  const used = new Set(schemas.flatMap((schema) => attributesOf(schema).map(({ name }) => name)));
  if (used.size < types.size) {
    throw invalidParameter(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${[...types.keys()].join(', ')}], keys used: [${[...used].join(', ')}]`,
    );
  }
}

function describe(registered: Registered): Json {
  const { table, arn, id, createdMs, definition, deletionProtection } = registered;
  const indexes = (global: boolean) => {
    const member: Json[] = list(definition[global ? 'GlobalSecondaryIndexes' : 'LocalSecondaryIndexes']);
    return member.map((given) => ({
      IndexName: given.IndexName,
      KeySchema: given.KeySchema,
      Projection: given.Projection,
      ...(global ? { IndexStatus: 'ACTIVE', ProvisionedThroughput: throughput(given.ProvisionedThroughput) } : {}),
      IndexSizeBytes: indexBytes(table, given.IndexName),
      ItemCount: table.indexes.get(given.IndexName)?.entries.size ?? 0,
      IndexArn: `${arn}/index/${given.IndexName}`,
    }));
  };
  return structuredClone({
    AttributeDefinitions: definition.AttributeDefinitions,
    TableName: table.name,
    KeySchema: definition.KeySchema,
    TableStatus: 'ACTIVE',
    CreationDateTime: createdMs / 1000,
    ProvisionedThroughput: throughput(definition.ProvisionedThroughput),
    TableSizeBytes: table.sizeBytes,
    ItemCount: table.itemCount,
    TableArn: arn,
    TableId: id,
    ...(definition.BillingMode === 'PAY_PER_REQUEST' ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } : {}),
    ...(definition.LocalSecondaryIndexes?.length ? { LocalSecondaryIndexes: indexes(false) } : {}),
    ...(definition.GlobalSecondaryIndexes?.length ? { GlobalSecondaryIndexes: indexes(true) } : {}),
    ...shownStream(registered),
    DeletionProtectionEnabled: deletionProtection,
  });
}

const throughput = (given: Json): Json => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits: given?.ReadCapacityUnits ?? 0,
  WriteCapacityUnits: given?.WriteCapacityUnits ?? 0,
});

function indexBytes(table: Table, name: string): number {
  const index = table.indexes.get(name);
  let bytes = 0;
  if (index) for (const { row } of index.entries) bytes += index.sizeOf(row);
  return bytes;
}

/** By name, with the words that operations on tables have. */
export function findTable(catalog: Catalog, input: Json): Registered {
  const name = tableName(input.TableName);
  const registered = catalog.tables.get(name);
  if (!registered) {
    throw new Refusal('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
  }
  return registered;
}

export const describeTable = (catalog: Catalog, _now: Millis, input: Json): Json => ({
  Table: describe(findTable(catalog, input)),
});

export function listTables(catalog: Catalog, _now: Millis, input: Json): Json {
  const limit = input.Limit ?? 100;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100`,
    );
  }
  const after = input.ExclusiveStartTableName;
  const names = [...catalog.tables.keys()].sort().filter((name) => after === undefined || name > after);
  const page = names.slice(0, limit);
  return { TableNames: page, ...(names.length > limit ? { LastEvaluatedTableName: page.at(-1) } : {}) };
}

export function deleteTable(catalog: Catalog, now: Millis, input: Json): Json {
  const registered = findTable(catalog, input);
  if (registered.deletionProtection) {
    throw invalid(
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    );
  }
  catalog.tables.delete(registered.table.name);
  const description = describe(registered);
  endStream(now, registered);
  return { TableDescription: { ...description, TableStatus: 'DELETING' } };
}

/** One index may come or go in a call, as on AWS. */
export function updateTable(catalog: Catalog, now: Millis, input: Json): Json {
  const registered = findTable(catalog, input);
  for (const name of ['ReplicaUpdates', 'GlobalTableWitnessUpdates', 'MultiRegionConsistency', 'WarmThroughput']) {
    if (input[name] !== undefined) throw notModelled(`UpdateTable with ${name}`, 'There is one region here.');
  }
  const { table, definition } = registered;
  const updates = list(input.GlobalSecondaryIndexUpdates);
  if (updates.length > 1) {
    throw new Refusal(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  }
  const definitions: Json[] = input.AttributeDefinitions ?? definition.AttributeDefinitions;
  const indexes: Json[] = list(definition.GlobalSecondaryIndexes);
  for (const { Create: create, Delete: remove, Update: update } of updates) {
    const name = (create ?? remove ?? update)?.IndexName;
    if (create) {
      if (table.indexes.has(name))
        throw invalidParameter(`Attempting to create an index which already exists: ${name}`);
      const added = readIndex(create, attributeTypes(definitions), true);
      checkIndexes(table.schema, [added]);
      table.addIndex(added);
      definition.GlobalSecondaryIndexes = [...indexes, structuredClone(create)];
      continue;
    }
    const existing = table.indexes.get(name);
    if (!existing) throw new Refusal('ResourceNotFoundException', 'Requested resource not found');
    if (!existing.definition.global) throw invalid('Cannot delete an index that is not a GlobalSecondaryIndex');
    if (remove) {
      table.indexes.delete(name);
      definition.GlobalSecondaryIndexes = indexes.filter((index) => index.IndexName !== name);
    } else {
      const given = indexes.find((index) => index.IndexName === name);
      given.ProvisionedThroughput = structuredClone(update.ProvisionedThroughput);
    }
  }
  definition.AttributeDefinitions = structuredClone(
    definitions.filter(({ AttributeName }) => table.keyAttribute(AttributeName)),
  );
  if (input.BillingMode) definition.BillingMode = input.BillingMode;
  if (input.ProvisionedThroughput) definition.ProvisionedThroughput = structuredClone(input.ProvisionedThroughput);
  if (input.BillingMode === 'PAY_PER_REQUEST') definition.ProvisionedThroughput = undefined;
  if (input.DeletionProtectionEnabled !== undefined) registered.deletionProtection = input.DeletionProtectionEnabled;
  setStream(catalog, now, registered, input.StreamSpecification);
  return { TableDescription: describe(registered) };
}
