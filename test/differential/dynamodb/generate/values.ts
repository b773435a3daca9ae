/** Random attribute values: all types, nested, numbers of up to 38 digits and beyond, and values that are none. */
import fc, { type Arbitrary } from 'fast-check';

export type Wire = any;
export type KeyType = 'S' | 'N' | 'B';

/** Names of attributes. Some are reserved words, some need a placeholder, so that expressions meet both. */
export const names = ['pk', 'sk', 'a', 'b', 'c', 'd', 'list', 'map', 'data', 'x.y', 'ünï', 'A', '_9'] as const;
export const name: Arbitrary<string> = fc.constantFrom(...names);

const base64 = (bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');

/** Few, so that requests meet the same items again. The order of each type has its corners among them. */
const keyTexts: Record<KeyType, readonly string[]> = {
  S: ['a', 'b', 'aa', 'ab', 'B', 'é', '\uffee', '😀', ' ', '0'],
  N: ['0', '1', '-1', '2', '10', '9.5', '-9.5', '1e20', '12345678901234567890123456789012345678', '0.001', '1E-130'],
  B: [[0], [1], [127], [128], [255], [1, 0], [0, 255], [97]].map(base64),
};
const wrongKeyTexts: Record<KeyType, readonly string[]> = {
  S: ['', 'x'.repeat(1025), 'x'.repeat(2049)],
  N: ['1.0', '+1', '', 'one', '1e126', '123456789012345678901234567890123456789'],
  B: ['', 'AA=', base64(new Array(1025).fill(7))],
};

/** A value that a key of this type may have; now and then one that it may not. */
export const keyValue = (type: KeyType): Arbitrary<Wire> =>
  fc.oneof(
    { weight: 200, arbitrary: fc.constantFrom(...keyTexts[type]).map((text) => ({ [type]: text })) },
    { weight: 1, arbitrary: fc.constantFrom(...wrongKeyTexts[type]).map((text) => ({ [type]: text })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Wire>({ S: 'wrong' }, { N: '7' }, { B: 'AQ==' }, { NULL: true }, { BOOL: true }),
    },
  );

export const goodKeyValue = (type: KeyType): Arbitrary<Wire> =>
  fc.constantFrom(...keyTexts[type]).map((text) => ({ [type]: text }));

const digits = (length: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{0,${length - 1}}$`));

export const numberText: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -20, max: 20 }).map(String) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('', '-'), digits(38)).map(([sign, text]) => sign + text) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('', '-'), digits(20), digits(18))
      .map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(digits(10), fc.integer({ min: -130, max: 120 })).map(([text, power]) => `${text}e${power}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('0.0', '-0', '+5', '007', '1.50', '.5', '5.', '1E+2', '1e-130', '9e125') },
);
const wrongNumber = fc.constantFrom('', 'abc', '1e126', '1e-131', '1'.repeat(39), '0x1', ' 1', '1 ', 'NaN', 'Infinity');

const text: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'a', 'b', 'ab', 'abc', 'bc', 'S', 'N', 'SS', 'é', '😀') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);
const bytes = fc.constantFrom([], [1], [1, 2], [1, 2, 3], [255], [97, 98]).map(base64);

const scalar: Arbitrary<Wire> = fc.oneof(
  { weight: 5, arbitrary: text.map((S) => ({ S })) },
  { weight: 5, arbitrary: numberText.map((N) => ({ N })) },
  { weight: 2, arbitrary: bytes.map((B) => ({ B })) },
  { weight: 1, arbitrary: fc.boolean().map((BOOL) => ({ BOOL })) },
  { weight: 1, arbitrary: fc.constant({ NULL: true }) },
);
const set: Arbitrary<Wire> = fc.oneof(
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'é', '1'), { minLength: 1, maxLength: 4 }).map((SS) => ({ SS })),
  fc.uniqueArray(fc.constantFrom('1', '2', '-3', '0.5', '1e3'), { minLength: 1, maxLength: 4 }).map((NS) => ({ NS })),
  fc.uniqueArray(fc.constantFrom('AQ==', 'Ag==', '/w==', 'YWI='), { minLength: 1, maxLength: 3 }).map((BS) => ({ BS })),
);

const { value: nested } = fc.letrec<{ value: Wire }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: scalar },
    { weight: 2, arbitrary: set },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4 }).map((L) => ({ L })) },
    {
      weight: 2,
      arbitrary: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }).map((M) => ({ M })),
    },
  ),
}));
export const goodValue: Arbitrary<Wire> = nested;

const deep = (levels: number): Wire => (levels === 0 ? { S: 'bottom' } : { L: [deep(levels - 1)] });

const wrongValue: Arbitrary<Wire> = fc.oneof(
  { weight: 3, arbitrary: wrongNumber.map((N) => ({ N })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Wire>(
      {},
      { S: 'a', N: '1' },
      { SS: [] },
      { NS: [] },
      { BS: [] },
      { SS: ['a', 'a'] },
      { NS: ['1', '1.0'] },
      { NS: ['1', 'x'] },
      { BS: ['AQ==', 'AQ=='] },
      { SS: [''] },
      { SS: ['a', ''] },
      { NULL: false },
      { L: [{}] },
      { M: { a: {} } },
      { L: [{ SS: [] }] },
      { M: { a: { N: 'x' } } },
      { M: { '': { S: 'a' } } },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(31, 32, 33).map(deep) },
);

/** Any value; about one in 150 is none. */
export const value: Arbitrary<Wire> = fc.oneof(
  { weight: 150, arbitrary: nested },
  { weight: 1, arbitrary: wrongValue },
);
