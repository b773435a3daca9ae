/**
 * Random expressions: made by the grammar, with placeholders, and now and then broken (a token lost, doubled or replaced,
 * a placeholder that nobody defined or nobody uses).
 */
import fc, { type Arbitrary } from 'fast-check';
import type { TableSketch } from './tables';
import { goodKeyValue, goodValue, type KeyType, keyValue, name, value, type Wire } from './values';

/** Hands out placeholders while an expression is written, and keeps what they stand for. */
class Placeholders {
  readonly names = new Map<string, string>();
  readonly values: Wire = {};

  name(attribute: string): string {
    const placeholder = this.names.get(attribute) ?? `#n${this.names.size}`;
    this.names.set(attribute, placeholder);
    return placeholder;
  }

  value(what: Wire): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    this.values[placeholder] = what;
    return placeholder;
  }
}

/** Writes its text when it is given somewhere to keep its placeholders. */
type Part = (placeholders: Placeholders) => string;

const step: Arbitrary<Part> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 4 }).map((index) => () => `[${index}]`) },
  { weight: 2, arbitrary: name.map((each) => (held: Placeholders) => `.${held.name(each)}`) },
  { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c').map((each) => () => `.${each}`) },
);
const root: Arbitrary<Part> = fc.oneof(
  { weight: 50, arbitrary: name.map((each) => (held: Placeholders) => held.name(each)) },
  { weight: 50, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'list0', 'A').map((each) => () => each) },
  // Reserved words, and no name at all.
  {
    weight: 1,
    arbitrary: fc.constantFrom('data', 'list', 'map', 'Status', '_9', 'pk', 'sk').map((each) => () => each),
  },
);
/** Documents: attributes that no index has as a key, which could have no parts. */
const document: Arbitrary<Part> = fc.oneof(
  fc.constantFrom('data', 'list', 'map', 'x.y', 'ünï', 'd').map((each) => (held: Placeholders) => held.name(each)),
  fc.constantFrom('d', 'A').map((each) => () => each),
);
const nestedPath = (from: Arbitrary<Part>) =>
  fc.tuple(from, fc.array(step, { minLength: 1, maxLength: 3 })).map(
    ([first, more]): Part =>
      (held: Placeholders) =>
        first(held) + more.map((each) => each(held)).join(''),
  );
/** Into the documents that items mostly have (tables.ts). */
const likelyPath: Arbitrary<Part> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom('', '', '[0]')).map(
    ([index, more]): Part =>
      (held) =>
        `${held.name('list')}[${index}]${more}`,
  ),
  fc.constantFrom('.a', '.b', '.b[0]', '.c', '.c.a', '.d').map(
    (more): Part =>
      (held) =>
        held.name('map') + more,
  ),
);
export const path: Arbitrary<Part> = fc.oneof(
  { weight: 60, arbitrary: root },
  { weight: 15, arbitrary: nestedPath(document) },
  { weight: 15, arbitrary: likelyPath },
  { weight: 1, arbitrary: nestedPath(root) },
);
/** What updates change: mostly no key. */
const target: Arbitrary<Part> = fc.oneof(
  { weight: 30, arbitrary: document },
  { weight: 20, arbitrary: fc.constantFrom('b', 'c', 'd', 'A', 'list0').map((each) => () => each) },
  { weight: 10, arbitrary: nestedPath(document) },
  { weight: 20, arbitrary: likelyPath },
  { weight: 1, arbitrary: path },
);

const constant: Arbitrary<Part> = value.map((what) => (held: Placeholders) => held.value(what));
const operand: Arbitrary<Part> = fc.oneof(
  { weight: 6, arbitrary: path },
  { weight: 6, arbitrary: constant },
  { weight: 1, arbitrary: path.map((each) => (held: Placeholders) => `size(${each(held)})`) },
  { weight: 1, arbitrary: path.map((each) => (held: Placeholders) => `(${each(held)})`) },
);
const plainValue = (what: Arbitrary<Wire>): Arbitrary<Part> =>
  what.map((each) => (held: Placeholders) => held.value(each));

const call = (functionName: Arbitrary<string>, ...operands: Arbitrary<Part>[]): Arbitrary<Part> =>
  fc.tuple(functionName, fc.tuple(...operands)).map(
    ([called, given]) =>
      (held: Placeholders) =>
        `${called}(${given.map((each) => each(held)).join(', ')})`,
  );

const typeName = fc.constantFrom('S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS', 'X').map((S) => ({ S }));

/** Mostly of a type that has an order, so that '<' is rarely refused for its operands. */
const orderable: Arbitrary<Part> = fc.oneof(
  { weight: 20, arbitrary: path },
  {
    weight: 20,
    arbitrary: fc
      .constantFrom<KeyType>('S', 'N', 'B')
      .chain(goodKeyValue)
      .map((what) => (held: Placeholders) => held.value(what)),
  },
  { weight: 2, arbitrary: operand },
);

const test: Arbitrary<Part> = fc.oneof(
  {
    weight: 160,
    arbitrary: fc.tuple(orderable, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), orderable).map(
      ([left, operator, right]) =>
        (held: Placeholders) =>
          `${left(held)} ${operator} ${right(held)}`,
    ),
  },
  { weight: 80, arbitrary: call(fc.constantFrom('attribute_exists', 'attribute_not_exists'), path) },
  { weight: 40, arbitrary: call(fc.constant('attribute_type'), path, plainValue(typeName)) },
  { weight: 60, arbitrary: call(fc.constantFrom('begins_with', 'contains'), orderable, orderable) },
  {
    weight: 40,
    arbitrary: fc.tuple(orderable, orderable, orderable).map(
      ([what, low, high]) =>
        (held: Placeholders) =>
          `${what(held)} BETWEEN ${low(held)} AND ${high(held)}`,
    ),
  },
  {
    weight: 40,
    arbitrary: fc.tuple(operand, fc.array(operand, { minLength: 1, maxLength: 4 })).map(
      ([what, among]) =>
        (held: Placeholders) =>
          `${what(held)} IN (${among.map((each) => each(held)).join(', ')})`,
    ),
  },
  // Wrong functions and wrong numbers of operands.
  {
    weight: 6,
    arbitrary: fc.oneof(
      call(fc.constantFrom('size', 'contains', 'if_not_exists', 'attribute_exist', 'begins_with'), operand),
      call(fc.constantFrom('attribute_exists', 'list_append', 'size'), operand, operand),
      call(fc.constant('attribute_exists'), constant),
      call(fc.constant('attribute_type'), path, constant),
    ),
  },
);

const { condition: anyCondition } = fc.letrec<{ condition: Part }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: test },
    {
      weight: 3,
      arbitrary: fc.tuple(tie('condition'), fc.constantFrom('AND', 'OR', 'and'), tie('condition')).map(
        ([left, operator, right]) =>
          (held: Placeholders) =>
            `${left(held)} ${operator} ${right(held)}`,
      ),
    },
    { weight: 1, arbitrary: tie('condition').map((inner) => (held: Placeholders) => `NOT ${inner(held)}`) },
    { weight: 2, arbitrary: tie('condition').map((inner) => (held: Placeholders) => `(${inner(held)})`) },
  ),
}));
export const condition: Arbitrary<Part> = anyCondition;

export const projection: Arbitrary<Part> = fc
  .array(path, { minLength: 1, maxLength: 3 })
  .map((paths) => (held: Placeholders) => paths.map((each) => each(held)).join(', '));

const term: Arbitrary<Part> = fc.oneof(
  { weight: 120, arbitrary: constant },
  { weight: 20, arbitrary: path },
  { weight: 40, arbitrary: call(fc.constant('if_not_exists'), path, constant) },
  { weight: 2, arbitrary: call(fc.constant('list_append'), operand, operand) },
  { weight: 1, arbitrary: call(fc.constantFrom('size', 'if_not_exists', 'contains', 'nothing'), path) },
  {
    weight: 10,
    arbitrary: call(
      fc.constant('list_append'),
      call(fc.constant('if_not_exists'), document, plainValue(fc.constant({ L: [] }))),
      plainValue(fc.array(goodValue, { maxLength: 2 }).map((L) => ({ L }))),
    ),
  },
);
const number = plainValue(
  fc.constantFrom('1', '-1', '0.1', '1e30', '99999999999999999999999999999999999999').map((N) => ({ N })),
);
const assignment: Arbitrary<Part> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(target, term).map(
      ([to, from]) =>
        (held: Placeholders) =>
          `${to(held)} = ${from(held)}`,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        target,
        fc.oneof(path, call(fc.constant('if_not_exists'), path, number)),
        fc.constantFrom('+', '-'),
        number,
      )
      .map(
        ([to, from, operator, by]) =>
          (held: Placeholders) =>
            `${to(held)} = ${from(held)} ${operator} ${by(held)}`,
      ),
  },
);
const addend = plainValue(
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom<Wire>({ SS: ['a', 'z'] }, { NS: ['1', '9'] }, { BS: ['AQ=='] }) },
    { weight: 8, arbitrary: fc.constantFrom<Wire>({ N: '1' }, { N: '-2.5' }) },
    { weight: 2, arbitrary: goodValue },
  ),
);
const withValue = fc.tuple(target, addend).map(
  ([to, what]): Part =>
    (held: Placeholders) =>
      `${to(held)} ${what(held)}`,
);
const section = (word: string, action: Arbitrary<Part>): Arbitrary<Part> =>
  fc
    .array(action, { minLength: 1, maxLength: 2 })
    .map((actions) => (held: Placeholders) => `${word} ${actions.map((each) => each(held)).join(', ')}`);
const sections: Record<string, Arbitrary<Part>> = {
  SET: section('SET', assignment),
  REMOVE: section('REMOVE', target),
  ADD: section('ADD', withValue),
  DELETE: section('DELETE', withValue),
};
export const update: Arbitrary<Part> = fc.oneof(
  { weight: 120, arbitrary: sections.SET! },
  { weight: 40, arbitrary: sections.REMOVE! },
  { weight: 40, arbitrary: sections.ADD! },
  { weight: 40, arbitrary: sections.DELETE! },
  {
    weight: 60,
    arbitrary: fc.tuple(fc.shuffledSubarray(Object.keys(sections), { minLength: 2 }), fc.record(sections)).map(
      ([order, made]): Part =>
        (held: Placeholders) =>
          order.map((word) => made[word]!(held)).join(' '),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(sections.SET!, sections.SET!).map(
      ([one, two]): Part =>
        (held: Placeholders) =>
          `${one(held)} ${two(held)}`,
    ),
  },
);

/** A condition on the key of a table or index; now and then one that it does not take. */
export function keyCondition(sketch: TableSketch, hash: string, range: string | undefined): Arbitrary<Part> {
  const hashTest = keyValue(sketch.types[hash]!).map(
    (what): Part =>
      (held: Placeholders) =>
        `${held.name(hash)} = ${held.value(what)}`,
  );
  if (!range) return fc.oneof({ weight: 80, arbitrary: hashTest }, { weight: 1, arbitrary: condition });
  const of = keyValue(sketch.types[range]!);
  const good = goodKeyValue(sketch.types[range]!);
  const begins = of.map(
    (what): Part =>
      (held: Placeholders) =>
        `begins_with(${held.name(range)}, ${held.value(what)})`,
  );
  const rangeTest: Arbitrary<Part> = fc.oneof(
    {
      weight: 25,
      arbitrary: fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), of).map(
        ([operator, what]) =>
          (held: Placeholders) =>
            `${held.name(range)} ${operator} ${held.value(what)}`,
      ),
    },
    {
      weight: 10,
      arbitrary: fc
        .tuple(good, good)
        .map(([one, two]) => (sketch.types[range] === 'N' && Number(one.N) > Number(two.N) ? [two, one] : [one, two]))
        .map(
          ([low, high]) =>
            (held: Placeholders) =>
              `${held.name(range)} BETWEEN ${held.value(low)} AND ${held.value(high)}`,
        ),
    },
    ...(sketch.types[range] === 'N' ? [] : [{ weight: 10, arbitrary: begins }]),
    {
      weight: 1,
      arbitrary: fc.oneof(
        begins,
        of.map(
          (what): Part =>
            (held: Placeholders) =>
              `${held.name(range)} <> ${held.value(what)}`,
        ),
      ),
    },
  );
  return fc.oneof(
    { weight: 20, arbitrary: hashTest },
    {
      weight: 80,
      arbitrary: fc.tuple(hashTest, rangeTest, fc.boolean()).map(
        ([one, two, swap]) =>
          (held: Placeholders) =>
            swap ? `${two(held)} AND ${one(held)}` : `${one(held)} AND ${two(held)}`,
      ),
    },
    { weight: 1, arbitrary: rangeTest },
    {
      weight: 1,
      arbitrary: fc.tuple(hashTest, hashTest).map(
        ([one, two]) =>
          (held: Placeholders) =>
            `${one(held)} OR ${two(held)}`,
      ),
    },
    { weight: 1, arbitrary: condition },
  );
}

/** How an expression gets broken. `pick` is between 0 and 1. */
type Damage = {
  how: 'none' | 'drop' | 'double' | 'replace' | 'undefined' | 'unused name' | 'unused value';
  pick: number;
};
const damage: Arbitrary<Damage> = fc.record({
  how: fc.oneof(
    { weight: 60, arbitrary: fc.constant('none' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Damage['how']>(
        'drop',
        'double',
        'replace',
        'undefined',
        'unused name',
        'unused value',
      ),
    },
  ),
  pick: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

function broken(text: string, { how, pick }: Damage): string {
  const tokens = text.match(/[#:\w]+|\s+|[^\s\w]/g) ?? [];
  const at = Math.floor(pick * tokens.length);
  if (how === 'drop') tokens.splice(at, 1);
  if (how === 'double') tokens.splice(at, 0, tokens[at] ?? ' ');
  if (how === 'replace') tokens.splice(at, 1, ['AND', '(', ')', ',', '.', '=', '%', 'SET', '[', '7', '#'][at % 11]!);
  return tokens.join('');
}

/** The expression parameters of one request, with the names and values that they need. */
export function expressions(parts: Record<string, Arbitrary<Part | undefined>>): Arbitrary<Wire> {
  return fc.tuple(fc.record(parts), damage).map(([given, harm]) => {
    const held = new Placeholders();
    const result: Wire = {};
    let harmed = harm.how === 'none';
    for (const [parameter, part] of Object.entries(given)) {
      if (!part) continue;
      const text = part(held);
      result[parameter] = harmed ? text : broken(text, harm);
      harmed = true;
    }
    const names: Wire = Object.fromEntries([...held.names].map(([attribute, placeholder]) => [placeholder, attribute]));
    if (harm.how === 'undefined') harm.pick < 0.5 ? delete names['#n0'] : delete held.values[':v0'];
    if (harm.how === 'unused name') names['#unused'] = 'unused';
    if (harm.how === 'unused value') held.values[':unused'] = { S: 'unused' };
    if (Object.keys(names).length > 0) result.ExpressionAttributeNames = names;
    if (Object.keys(held.values).length > 0) result.ExpressionAttributeValues = held.values;
    return result;
  });
}

/** `part` in one of `oneIn` requests, else none. */
export const sometimes = (part: Arbitrary<Part>, oneIn: number): Arbitrary<Part | undefined> =>
  fc.oneof({ weight: 1, arbitrary: part }, { weight: oneIn - 1, arbitrary: fc.constant(undefined) });

/** `part`, seldom left out where it has to be. */
export const nearlyAlways = (part: Arbitrary<Part>): Arbitrary<Part | undefined> =>
  fc.oneof({ weight: 80, arbitrary: part }, { weight: 1, arbitrary: fc.constant(undefined) });
