/** Random requests to a table or two, and whole cases: tables and what is asked of them. */
import fc, { type Arbitrary } from 'fast-check';
import { condition, expressions, keyCondition, nearlyAlways, projection, sometimes, update } from './expressions';
import { item, key, type TableSketch, table } from './tables';
import { keyValue, type Wire } from './values';

export interface Request {
  operation: string;
  input: Wire;
}

/** One run: tables made first, then the requests in order. */
export interface Case {
  tables: TableSketch[];
  requests: Request[];
}

/** Requests with one fault tell more than requests with five: what is wrong is rare. */
function rarely<T, U>(usual: Arbitrary<T>, rare: Arbitrary<U>, oneIn = 60): Arbitrary<T | U> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: usual }, { weight: 1, arbitrary: rare });
}
const optional = <T>(arbitrary: Arbitrary<T>, oneIn: number) =>
  fc.oneof({ weight: 1, arbitrary }, { weight: oneIn - 1, arbitrary: fc.constant(undefined) });
/** Members that are undefined are left out, as a client does. */
const defined = (parts: Wire[]): Wire =>
  Object.fromEntries(Object.entries(Object.assign({}, ...parts)).filter(([, each]) => each !== undefined));

const capacity = fc.record({
  ReturnConsumedCapacity: rarely(fc.constantFrom(undefined, 'NONE', 'TOTAL', 'INDEXES'), fc.constant('SOME'), 300),
});
const onFailure = fc.constantFrom(undefined, 'ALL_OLD', 'NONE');
const consistent = fc.constantFrom(undefined, true, false);
/** A table's name, rarely one that is not there. */
const nameOf = ({ name }: TableSketch) =>
  rarely(fc.constant(name), fc.constantFrom('Nowhere', 'no', 'not a name'), 100);

const put = (sketch: TableSketch) => item(sketch).map((Item) => ({ Item }));
const keyed = (sketch: TableSketch) => key(sketch).map((Key) => ({ Key }));

type Make = (sketch: TableSketch) => Arbitrary<Wire>;
const joined = (...parts: Arbitrary<Wire>[]): Arbitrary<Wire> => fc.tuple(...parts).map(defined);

/** The parts of a single write, as PutItem and its neighbours and transactions share them. */
const writes: Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', Make> = {
  Put: (sketch) => joined(put(sketch), expressions({ ConditionExpression: sometimes(condition, 3) })),
  Delete: (sketch) => joined(keyed(sketch), expressions({ ConditionExpression: sometimes(condition, 2) })),
  Update: (sketch) =>
    joined(
      keyed(sketch),
      expressions({ UpdateExpression: nearlyAlways(update), ConditionExpression: sometimes(condition, 2) }),
    ),
  ConditionCheck: (sketch) => joined(keyed(sketch), expressions({ ConditionExpression: nearlyAlways(condition) })),
};
const returning = fc.record({
  ReturnValues: rarely(fc.constantFrom(undefined, 'NONE', 'ALL_OLD'), fc.constantFrom('UPDATED_NEW', 'EVERYTHING')),
  ReturnValuesOnConditionCheckFailure: onFailure,
});
const returningUpdated = fc.record({
  ReturnValues: fc.constantFrom(undefined, 'NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'),
  ReturnValuesOnConditionCheckFailure: onFailure,
});

/** A place to go on after; often one that does not fit. */
function startKey(
  sketch: TableSketch,
  index: { hash: string; range?: string | undefined } | undefined,
): Arbitrary<Wire> {
  const attributes = new Set(
    [sketch.hash, sketch.range, index?.hash, index?.range].filter((each) => each !== undefined),
  );
  return fc.record(Object.fromEntries([...attributes].map((each) => [each, keyValue(sketch.types[each]!)])));
}

const paging = fc.record({
  Limit: rarely(fc.constantFrom(undefined, undefined, 1, 2, 3, 10, 1000), fc.constantFrom(0, -1)),
});
const selecting = (index: { global: boolean } | undefined): Arbitrary<Wire> =>
  fc.record({
    Select: rarely(
      fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, 'COUNT'),
      fc.constantFrom('ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'SOME'),
      12,
    ),
    ConsistentRead: rarely(
      index?.global ? fc.constantFrom(undefined, false) : fc.constantFrom(undefined, true, false),
      fc.constant(true),
    ),
  });

const query: Make = (sketch) =>
  fc.constantFrom(undefined, ...sketch.indexes).chain((index) =>
    joined(
      fc.constant({ IndexName: index?.name }),
      expressions({
        KeyConditionExpression: keyCondition(sketch, index?.hash ?? sketch.hash, index ? index.range : sketch.range),
        FilterExpression: sometimes(condition, 4),
        ProjectionExpression: sometimes(projection, 4),
      }),
      selecting(index),
      paging,
      fc.record({
        ScanIndexForward: fc.constantFrom(undefined, true, false, false),
        ExclusiveStartKey: optional(startKey(sketch, index), 30),
      }),
    ),
  );

const scan: Make = (sketch) =>
  fc.constantFrom(undefined, ...sketch.indexes).chain((index) =>
    joined(
      fc.constant({ IndexName: index?.name }),
      expressions({ FilterExpression: sometimes(condition, 2), ProjectionExpression: sometimes(projection, 4) }),
      selecting(index),
      paging,
      fc.oneof(
        { weight: 12, arbitrary: fc.constant({}) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<Wire>(
            { Segment: 0 },
            { TotalSegments: 2 },
            { Segment: 2, TotalSegments: 2 },
            { Segment: 0, TotalSegments: 1 },
          ),
        },
        { weight: 1, arbitrary: fc.constant({ IndexName: 'nowhere' }) },
      ),
    ),
  );

const single: Record<string, Make> = {
  PutItem: (sketch) => joined(writes.Put(sketch), returning, capacity),
  UpdateItem: (sketch) => joined(writes.Update(sketch), returningUpdated, capacity),
  DeleteItem: (sketch) => joined(writes.Delete(sketch), returning, capacity),
  GetItem: (sketch) =>
    joined(
      keyed(sketch),
      expressions({ ProjectionExpression: sometimes(projection, 3) }),
      fc.record({ ConsistentRead: consistent }),
      capacity,
    ),
  Query: (sketch) => joined(query(sketch), capacity),
  Scan: (sketch) => joined(scan(sketch), capacity),
};
const weights: Record<string, number> = { PutItem: 8, UpdateItem: 9, DeleteItem: 2, GetItem: 2, Query: 6, Scan: 3 };

const group = (list: [string, Wire][]): Wire => {
  const result: Wire = {};
  for (const [name, each] of list) {
    result[name] ??= [];
    result[name].push(each);
  }
  return result;
};

const batchWrite = (tables: TableSketch[]): Arbitrary<Wire> =>
  joined(
    fc
      .array(
        fc
          .constantFrom(...tables)
          .chain((sketch) =>
            fc.tuple(
              nameOf(sketch),
              fc.oneof(
                { weight: 6, arbitrary: put(sketch).map((PutRequest) => ({ PutRequest }) as Wire) },
                { weight: 3, arbitrary: keyed(sketch).map((DeleteRequest) => ({ DeleteRequest }) as Wire) },
              ),
            ),
          ),
        { minLength: 1, maxLength: 6 },
      )
      .map((list) => ({ RequestItems: group(list) })),
    capacity,
  );

const batchGet = (tables: TableSketch[]): Arbitrary<Wire> =>
  joined(
    fc
      .tuple(
        ...tables.map((sketch) =>
          optional(
            joined(
              fc.array(key(sketch), { minLength: 1, maxLength: 5 }).map((Keys) => ({ Keys })),
              expressions({ ProjectionExpression: sometimes(projection, 3) }),
              fc.record({ ConsistentRead: consistent }),
            ),
            2,
          ),
        ),
      )
      .map((each) => ({
        RequestItems: Object.fromEntries(each.flatMap((request, at) => (request ? [[tables[at]!.name, request]] : []))),
      })),
    capacity,
  );

const transactWrite = (tables: TableSketch[]): Arbitrary<Wire> =>
  joined(
    fc
      .array(
        fc
          .tuple(
            fc.constantFrom(...tables),
            fc.constantFrom('Put', 'Update', 'Delete', 'ConditionCheck') as Arbitrary<keyof typeof writes>,
          )
          .chain(([sketch, kind]) =>
            joined(
              writes[kind](sketch),
              nameOf(sketch).map((TableName) => ({ TableName })),
              fc.record({ ReturnValuesOnConditionCheckFailure: onFailure }),
            ).map((action) => ({ [kind]: action })),
          ),
        { minLength: 1, maxLength: 4 },
      )
      .map((TransactItems) => ({ TransactItems })),
    capacity,
    fc.record({
      ClientRequestToken: rarely(
        rarely(fc.constant(undefined), fc.constantFrom('token-1', 'token-2'), 8),
        fc.constantFrom('', 'x'.repeat(37)),
      ),
    }),
  );

const transactGet = (tables: TableSketch[]): Arbitrary<Wire> =>
  joined(
    fc
      .array(
        fc.constantFrom(...tables).chain((sketch) =>
          joined(
            keyed(sketch),
            nameOf(sketch).map((TableName) => ({ TableName })),
            expressions({ ProjectionExpression: sometimes(projection, 3) }),
          ).map((Get) => ({ Get })),
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((TransactItems) => ({ TransactItems })),
    capacity,
  );

const request = (tables: TableSketch[]): Arbitrary<Request> =>
  fc.oneof(
    ...Object.entries(single).map(([operation, make]) => ({
      weight: weights[operation]! * 3,
      arbitrary: fc
        .constantFrom(...tables)
        .chain((sketch) => fc.tuple(nameOf(sketch), make(sketch)))
        .map(([TableName, input]) => ({ operation, input: { TableName, ...input } })),
    })),
    { weight: 5, arbitrary: batchWrite(tables).map((input) => ({ operation: 'BatchWriteItem', input })) },
    { weight: 4, arbitrary: batchGet(tables).map((input) => ({ operation: 'BatchGetItem', input })) },
    { weight: 8, arbitrary: transactWrite(tables).map((input) => ({ operation: 'TransactWriteItems', input })) },
    { weight: 3, arbitrary: transactGet(tables).map((input) => ({ operation: 'TransactGetItems', input })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...tables)
        .map(({ name }) => ({ operation: 'DescribeTable', input: { TableName: name } })),
    },
    { weight: 1, arbitrary: fc.constantFrom(...tables).chain(changed) },
  );

/** UpdateTable: an index comes or goes while the table has items. */
const changed = ({ name, indexes, input }: TableSketch): Arbitrary<Request> =>
  fc
    .oneof(
      fc.constant({
        AttributeDefinitions: [
          ...input.AttributeDefinitions.filter((each: Wire) => each.AttributeName !== 'd'),
          { AttributeName: 'd', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'added',
              KeySchema: [{ AttributeName: 'd', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
              ...(input.BillingMode === 'PROVISIONED' ? { ProvisionedThroughput: input.ProvisionedThroughput } : {}),
            },
          },
        ],
      }),
      fc
        .constantFrom('added', ...indexes.map((each) => each.name))
        .map((IndexName) => ({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] })),
    )
    .map((update) => ({ operation: 'UpdateTable', input: { TableName: name, ...update } }));

/** One or two tables and `length` requests. */
export const oneCase = (length: number): Arbitrary<Case> =>
  fc
    .tuple(table('First'), table('Second'))
    .chain((tables) =>
      fc
        .array(request(tables), { minLength: Math.ceil(length / 2), maxLength: length, size: 'max' })
        .map((requests) => ({ tables, requests })),
    );
