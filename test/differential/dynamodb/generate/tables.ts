/** Random tables: every key type, with and without a sort key, global and local indexes of every projection. */
import fc, { type Arbitrary } from 'fast-check';
import { type KeyType, keyValue, name, value, type Wire } from './values';

export interface IndexSketch {
  name: string;
  global: boolean;
  hash: string;
  range?: string | undefined;
}

/** What generators need to know of a table; `input` is its CreateTable. */
export interface TableSketch {
  name: string;
  input: Wire;
  hash: string;
  range?: string | undefined;
  /** Of every key attribute, those of indexes included. */
  types: Record<string, KeyType>;
  indexes: IndexSketch[];
}

const keyType = fc.constantFrom<KeyType>('S', 'N', 'B');
const projection = fc.oneof(
  fc.constant({ ProjectionType: 'ALL' }),
  fc.constant({ ProjectionType: 'KEYS_ONLY' }),
  fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'list', 'map'), { minLength: 1, maxLength: 3 })
    .map((NonKeyAttributes) => ({ ProjectionType: 'INCLUDE', NonKeyAttributes })),
);
const keys = (hash: string, range?: string | undefined) => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range ? [{ AttributeName: range, KeyType: 'RANGE' }] : []),
];
/** Attributes that may be keys of indexes; the table's own may be, too. */
const indexable = fc.constantFrom('a', 'b', 'c', 'pk', 'sk');

export const table = (tableName: string): Arbitrary<TableSketch> =>
  fc
    .record({
      ranged: fc.boolean(),
      types: fc.record({ pk: keyType, sk: keyType, a: keyType, b: keyType, c: keyType }),
      globals: fc.array(fc.record({ hash: indexable, range: fc.option(indexable, { nil: undefined }), projection }), {
        maxLength: 3,
      }),
      locals: fc.array(fc.record({ range: fc.constantFrom('a', 'b', 'c'), projection }), { maxLength: 2 }),
      provisioned: fc.boolean(),
    })
    .map(({ ranged, types, globals, locals, provisioned }) => {
      const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
      const range = ranged ? 'sk' : undefined;
      const used = (attribute: string | undefined) => (attribute === 'sk' && !ranged ? 'c' : attribute);
      const indexes: IndexSketch[] = [];
      const global = globals.map((each, at) => {
        const hash = used(each.hash)!;
        const sort = used(each.range) === hash ? undefined : used(each.range);
        indexes.push({ name: `global${at}`, global: true, hash, range: sort });
        return {
          IndexName: `global${at}`,
          KeySchema: keys(hash, sort),
          Projection: each.projection,
          ...(provisioned ? { ProvisionedThroughput: throughput } : {}),
        };
      });
      const local = (ranged ? locals : []).map((each, at) => {
        indexes.push({ name: `local${at}`, global: false, hash: 'pk', range: each.range });
        return { IndexName: `local${at}`, KeySchema: keys('pk', each.range), Projection: each.projection };
      });
      const schema = keys('pk', range);
      const attributes = new Set(
        [schema, ...global.map(({ KeySchema }) => KeySchema), ...local.map(({ KeySchema }) => KeySchema)]
          .flat()
          .map(({ AttributeName }) => AttributeName),
      );
      return {
        name: tableName,
        hash: 'pk',
        range,
        indexes,
        types: Object.fromEntries([...attributes].map((each) => [each, types[each as keyof typeof types]])),
        input: {
          TableName: tableName,
          ...(provisioned
            ? { BillingMode: 'PROVISIONED', ProvisionedThroughput: throughput }
            : { BillingMode: 'PAY_PER_REQUEST' }),
          AttributeDefinitions: [...attributes].map((AttributeName) => ({
            AttributeName,
            AttributeType: types[AttributeName as keyof typeof types],
          })),
          KeySchema: schema,
          ...(global.length ? { GlobalSecondaryIndexes: global } : {}),
          ...(local.length ? { LocalSecondaryIndexes: local } : {}),
        },
      };
    });

/** A key of the table; rarely one with too few or too many attributes. */
export function key({ hash, range, types }: TableSketch): Arbitrary<Wire> {
  const whole = fc.record({
    [hash]: keyValue(types[hash]!),
    ...(range ? { [range]: keyValue(types[range]!) } : {}),
  });
  return fc.oneof(
    { weight: 150, arbitrary: whole },
    { weight: 1, arbitrary: fc.tuple(whole, name, value).map(([good, more, what]) => ({ ...good, [more]: what })) },
    { weight: 1, arbitrary: fc.record({ [hash]: keyValue(types[hash]!) }) },
  );
}

/** `list` is a list and `map` a map, so that paths into them find something. */
function asDocument(attribute: string, what: Wire): Wire {
  if (attribute === 'list' && !what.L) return { L: [what, { N: '1' }, { L: [{ S: 'a' }] }] };
  if (attribute === 'map' && !what.M) return { M: { a: what, b: { L: [{ N: '1' }] }, c: { M: { a: { N: '1' } } } } };
  return what;
}

/** An item of the table. Attributes of index keys mostly have the right type. */
export function item(sketch: TableSketch): Arbitrary<Wire> {
  const secondary = Object.entries(sketch.types).filter(([each]) => each !== sketch.hash && each !== sketch.range);
  const indexed = fc.record(Object.fromEntries(secondary.map(([each, type]) => [each, keyValue(type)])), {
    requiredKeys: [],
  });
  const rest = fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }).map((given) =>
    Object.fromEntries(
      Object.entries(given)
        .filter(([each]) => !Object.hasOwn(sketch.types, each))
        .map(([each, what]) => [each, asDocument(each, what)]),
    ),
  );
  const plain = fc.tuple(rest, indexed, key(sketch)).map((parts) => Object.assign({}, ...parts) as Wire);
  // Near 400 KB: within a few bytes of the limit, whichever way the rest is counted.
  const large = fc
    .tuple(
      fc.record(Object.fromEntries(Object.entries(sketch.types).map(([each, type]) => [each, keyValue(type)]))),
      fc.integer({ min: -60, max: 10 }),
    )
    .map(([keysOnly, about]) => ({ ...keysOnly, d: { S: 'x'.repeat(400 * 1024 + about) } }));
  const medium = fc
    .tuple(plain, fc.integer({ min: 1000, max: 9000 }))
    .map(([some, length]) => ({ ...some, d: { S: 'y'.repeat(length) } }));
  return fc.oneof(
    { weight: 100, arbitrary: plain },
    { weight: 12, arbitrary: medium },
    { weight: 1, arbitrary: large },
  );
}
