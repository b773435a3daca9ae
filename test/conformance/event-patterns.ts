/**
 * Event patterns and what they match, written by hand; each group names the page that says so. Fields of an event that
 * a case does not give are those of `event` in event-patterns.test.ts.
 */
const guide = 'EventBridge User Guide, ';
const ruler = 'aws/event-ruler README, ';

export interface PatternCase {
  source: string;
  pattern: unknown;
  matches?: unknown[];
  misses?: unknown[];
}

export interface InvalidCase {
  source: string;
  /** JSON text, where the text itself is what is wrong. */
  pattern: unknown;
  reason: string;
}

export const patternCases: Record<string, PatternCase> = {
  'a list holds when one of its values equals': {
    source: `${guide}"Event patterns"`,
    pattern: { detail: { state: ['running', 'stopped'] } },
    matches: [{ state: 'running' }, { state: ['pending', 'stopped'] }],
    misses: [{ state: 'Running' }, { state: '' }, {}],
  },
  'all fields must hold': {
    source: `${guide}"Event patterns"`,
    pattern: { source: ['shop'], detail: { a: ['1'], b: ['2'] } },
    matches: [{ a: '1', b: '2', c: '3' }],
    misses: [{ a: '1' }, { a: '2', b: '2' }],
  },
  'strings, numbers and words are different values': {
    source: `${guide}"Event patterns": a value must match character by character, "300" is not 300`,
    pattern: { detail: { v: [300, true, null] } },
    matches: [{ v: 300 }, { v: 300.0 }, { v: true }, { v: null }],
    misses: [{ v: '300' }, { v: 'true' }, { v: 'null' }, { v: false }, {}],
  },
  'numbers are compared by value': {
    source: `${ruler}"Numeric matching"`,
    pattern: '{"detail":{"v":[3.0e2]}}',
    matches: [{ v: 300 }, '{"v":300.00}'],
    misses: [{ v: 300.01 }, { v: '3.0e2' }],
  },
  'a number that no double holds is compared by its digits': {
    source: `${ruler}"Numeric matching": numbers outside of 64-bit floating point`,
    pattern: '{"detail":{"v":[12345678901234567]}}',
    matches: ['{"v":12345678901234567}'],
    misses: ['{"v":12345678901234568}', '{"v":12345678901234567.0}'],
  },
  prefix: {
    source: `${guide}"Comparison operators", prefix matching`,
    pattern: { detail: { v: [{ prefix: 'us-' }] } },
    matches: [{ v: 'us-east-1' }, { v: 'us-' }],
    misses: [{ v: 'US-east-1' }, { v: 'eu-us-' }, { v: 5 }, {}],
  },
  'prefix and suffix ignoring case': {
    source: `${guide}"Comparison operators", prefix matching while ignoring case`,
    pattern: {
      detail: { v: [{ prefix: { 'equals-ignore-case': 'eVent' } }, { suffix: { 'equals-ignore-case': '.PnG' } }] },
    },
    matches: [{ v: 'EventBridge' }, { v: 'a.png' }],
    misses: [{ v: 'an event' }, { v: 'a.png.gz' }],
  },
  suffix: {
    source: `${guide}"Comparison operators", suffix matching`,
    pattern: { detail: { file: [{ suffix: '.png' }] } },
    matches: [{ file: 'a.png' }, { file: '.png' }],
    misses: [{ file: 'a.PNG' }, { file: 'a.png ' }],
  },
  'equals ignoring case, also of characters whose cases differ in length': {
    source: `${guide}"Comparison operators", equals-ignore-case; Unicode SpecialCasing: the capital of ß is SS`,
    pattern: { detail: { v: [{ 'equals-ignore-case': 'Straße' }] } },
    matches: [{ v: 'STRASSE' }, { v: 'straße' }],
    misses: [{ v: 'strase' }, { v: 'strasse1' }],
  },
  wildcard: {
    source: `${guide}"Comparison operators", wildcard`,
    pattern: { detail: { v: [{ wildcard: 'dir/*/a*b.txt' }] } },
    matches: [{ v: 'dir/x/ab.txt' }, { v: 'dir//y/azzb.txt' }],
    misses: [{ v: 'dir/x/b.txt' }, { v: 'dir/x/ab.txt2' }, { v: 'dir/ab.txt' }],
  },
  'wildcard: escaped stars and backslashes, nothing shared by two parts': {
    source: `${guide}"Comparison operators", wildcard: escape with a backslash`,
    pattern: { detail: { v: [{ wildcard: 'a\\*b*\\\\' }, { wildcard: 'aba*aba' }, { wildcard: 'x*yz*zw' }] } },
    matches: [{ v: 'a*bc\\' }, { v: 'abaaba' }, { v: 'xyzzw' }],
    misses: [{ v: 'axb\\' }, { v: 'ababa' }, { v: 'aba' }, { v: 'xyzw' }],
  },
  'anything-but needs the field and takes every other value': {
    source: `${guide}"Comparison operators", anything-but`,
    pattern: { detail: { v: [{ 'anything-but': ['a', 'b'] }] } },
    matches: [{ v: 'c' }, { v: 1 }, { v: null }, { v: ['a', 'c'] }],
    misses: [{ v: 'a' }, { v: ['a', 'b'] }, {}, { v: [] }, { v: {} }],
  },
  'anything-but numbers': {
    source: `${guide}"Comparison operators", anything-but`,
    pattern: { detail: { v: [{ 'anything-but': [100, 200] }] } },
    matches: [{ v: 300 }, { v: '100' }],
    misses: [{ v: 100 }, '{"v":1e2}'],
  },
  'anything-but prefix, suffix, wildcard, ignoring case': {
    source: `${guide}"Comparison operators", anything-but with other operators`,
    pattern: {
      detail: {
        p: [{ 'anything-but': { prefix: ['x', 'y'] } }],
        s: [{ 'anything-but': { suffix: '.tmp' } }],
        w: [{ 'anything-but': { wildcard: '*/lib/*' } }],
        i: [{ 'anything-but': { 'equals-ignore-case': ['init'] } }],
      },
    },
    matches: [
      { p: 'a', s: 'a', w: 'a/b', i: 'a' },
      { p: 'X', s: '.tmp.', w: 'lib/', i: 1 },
    ],
    misses: [
      { p: 'yes', s: 'a', w: 'a', i: 'a' },
      { p: 'a', s: 'a.tmp', w: 'a', i: 'a' },
      { p: 'a', s: 'a', w: 'a/lib/b', i: 'a' },
      { p: 'a', s: 'a', w: 'a', i: 'INIT' },
    ],
  },
  'numeric ranges, open and closed': {
    source: `${guide}"Comparison operators", numeric matching`,
    pattern: { detail: { v: [{ numeric: ['>', 0, '<=', 5] }, { numeric: ['=', 100] }, { numeric: ['<', -10] }] } },
    matches: [{ v: 0.001 }, { v: 5 }, { v: 100 }, { v: -11 }, { v: [0, 1] }],
    misses: [{ v: 0 }, { v: 5.001 }, { v: -10 }, { v: '3' }, {}],
  },
  'exists looks at leaves only': {
    source: `${guide}"Comparison operators", exists matching: leaf nodes, not intermediate ones`,
    pattern: { detail: { v: [{ exists: true }] } },
    matches: [{ v: 1 }, { v: null }, { v: '' }, { v: [1] }],
    misses: [{}, { v: {} }, { v: [] }, { v: { w: 1 } }],
  },
  'exists false': {
    source: `${guide}"Comparison operators", exists matching`,
    pattern: { detail: { v: [{ exists: false }] } },
    matches: [{ w: 1 }, { v: {} }, { v: [] }, { v: { w: 1 } }],
    misses: [{ v: null }, { v: [null] }],
  },
  'absent or of a value': {
    source: `${ruler}"Exists match": in one list with other matches`,
    pattern: { detail: { v: [{ exists: false }, 'x'] } },
    matches: [{}, { v: 'x' }],
    misses: [{ v: 'y' }],
  },
  'cidr of both kinds': {
    source: `${guide}"Comparison operators", IP address matching`,
    pattern: { detail: { ip: [{ cidr: '10.0.0.0/24' }, { cidr: '2001:db8::/32' }] } },
    matches: [{ ip: '10.0.0.255' }, { ip: '2001:0db8:0:0::1' }],
    misses: [{ ip: '10.0.1.0' }, { ip: '2001:db9::1' }, { ip: '10.0.0' }, { ip: 10 }],
  },
  'an address equals all its spellings': {
    source: 'aws/event-ruler, "IP Address Matching": literals that are addresses',
    pattern: { detail: { ip: ['2001:db8::1'] } },
    matches: [{ ip: '2001:0DB8:0000:0000:0000:0000:0000:0001' }],
    misses: [{ ip: '2001:db8::2' }],
  },
  'fields of one array element belong together': {
    source: `${ruler}"Matching within arrays": array consistency`,
    pattern: { detail: { items: { kind: ['a'], size: [1] } } },
    matches: [
      {
        items: [
          { kind: 'b', size: 1 },
          { kind: 'a', size: 1 },
        ],
      },
      { items: { kind: ['x', 'a'], size: [1, 2] } },
    ],
    misses: [
      {
        items: [
          { kind: 'a', size: 2 },
          { kind: 'b', size: 1 },
        ],
      },
    ],
  },
  'arrays of arrays are flat': {
    source: `${guide}"Matching arrays"; aws/event-ruler flattens nested arrays`,
    pattern: { detail: { v: ['x'] } },
    matches: [{ v: [['y'], [['x']]] }],
    misses: [{ v: [['y']] }],
  },
  'a dotted key equals nested keys': {
    source: 'aws/event-ruler: paths are joined by dots',
    pattern: { detail: { 'a.b': ['x'] } },
    matches: [{ a: { b: 'x' } }, { 'a.b': 'x' }],
    misses: [{ a: 'x' }],
  },
  '$or multiplies alternatives': {
    source: `${guide}"Comparison operators", $or`,
    pattern: { source: ['shop'], detail: { $or: [{ a: ['1'] }, { b: ['2'], c: ['3'] }], d: ['4'] } },
    matches: [
      { a: '1', d: '4' },
      { b: '2', c: '3', d: '4' },
    ],
    misses: [{ a: '1' }, { b: '2', d: '4' }, { d: '4' }],
  },
  '$or inside of $or': {
    source: `${ruler}"$or"`,
    pattern: { detail: { $or: [{ a: ['1'], $or: [{ b: ['2'] }, { c: ['3'] }] }, { e: ['5'] }] } },
    matches: [{ a: '1', c: '3' }, { e: '5' }],
    misses: [{ a: '1' }, { b: '2' }],
  },
};

const operators = 'aws/event-ruler, JsonRuleCompiler: messages as TestEventPattern answers them';

export const invalidCases: InvalidCase[] = [
  { source: operators, pattern: '[]', reason: 'Filter is not an object' },
  { source: operators, pattern: {}, reason: 'Empty objects are not allowed' },
  { source: operators, pattern: { detail: {} }, reason: 'Empty objects are not allowed' },
  { source: operators, pattern: { source: [] }, reason: 'Empty arrays are not allowed' },
  { source: operators, pattern: { source: 'shop' }, reason: '"source" must be an object or an array' },
  {
    source: operators,
    pattern: { source: [['a']] },
    reason: 'Match value must be String, number, true, false, or null',
  },
  { source: operators, pattern: { source: [{}] }, reason: 'Match expression name not found' },
  { source: operators, pattern: { source: [{ like: 'a' }] }, reason: 'Unrecognized match type like' },
  {
    source: operators,
    pattern: { source: [{ prefix: 'a', suffix: 'b' }] },
    reason: 'Only one key allowed in match expression',
  },
  {
    source: operators,
    pattern: { source: [{ prefix: { suffix: 'a' } }] },
    reason: 'Unsupported prefix pattern: suffix',
  },
  {
    source: operators,
    pattern: { source: [{ exists: 'yes' }] },
    reason: 'exists match pattern must be either true or false.',
  },
  { source: operators, pattern: { source: [{ wildcard: 'a**' }] }, reason: 'Consecutive wildcard characters at pos 2' },
  { source: operators, pattern: { source: [{ wildcard: 'é\\x' }] }, reason: 'Invalid escape character at pos 3' },
  { source: operators, pattern: { source: [{ cidr: '10.0.0.1' }] }, reason: "Malformed CIDR, one '/' required" },
  { source: operators, pattern: { source: [{ cidr: '10.0.0.0/32' }] }, reason: 'IPv4 mask bits must be < 32' },
  { source: operators, pattern: { source: [{ cidr: '::/128' }] }, reason: 'IPv6 mask bits must be < 128' },
  { source: operators, pattern: { source: [{ numeric: 5 }] }, reason: 'Value of numeric must be an array.' },
  { source: operators, pattern: { source: [{ numeric: ['>', 5, '<', 5] }] }, reason: 'Bottom must be less than top' },
  { source: operators, pattern: { source: [{ numeric: ['>', 1, '=', 5] }] }, reason: 'Bad numeric range operator: =' },
  {
    source: operators,
    pattern: { source: [{ numeric: ['=', 1, 2] }] },
    reason: 'Too many elements in numeric expression',
  },
  {
    source: operators,
    pattern: { source: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] },
    reason: 'Unsupported anything-but pattern: cidr',
  },
  {
    source: operators,
    pattern: { source: [{ 'anything-but': { suffix: '' } }] },
    reason: 'Null prefix/suffix not allowed',
  },
  {
    source: operators,
    pattern: { source: [{ 'anything-but': ['a', 1] }] },
    reason: 'Inside anything but list, either all values are number or string, mixed type is not supported',
  },
  {
    source: operators,
    pattern: { $or: [{ a: ['1'] }] },
    reason: 'There must have at least 2 Objects in $or relationship.',
  },
  { source: operators, pattern: { $or: { a: ['1'] } }, reason: 'It must be an Array followed with $or.' },
  {
    source: operators,
    pattern: { $or: [{ prefix: ['a'] }, { b: ['1'] }] },
    reason: 'prefix is Ruler reserved fieldName which cannot be used inside $or.',
  },
  {
    source: 'Jackson, "Unexpected end-of-input": the place of what is still open',
    pattern: '{"source":["a"]',
    reason:
      'Unexpected end-of-input: expected close marker for Object (start marker at ' +
      '[Source: (String)"{"source":["a"]"; line: 1, column: 1])',
  },
  {
    source: 'Jackson: a fault of meaning comes first when it is read first',
    pattern: '{"source":"a",[}',
    reason: '"source" must be an object or an array',
  },
];
