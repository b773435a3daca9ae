/**
 * Source: developer guide, "Condition and filter expressions, operators, and functions in DynamoDB", and "Expression
 * attribute names". Answers and messages were seen with DynamoDB Local 3.3.0 and are written here by hand.
 */
import { tables } from './support';

const item = {
  id: { S: 'a' },
  n: { N: '5' },
  letters: { S: 'hé😀' },
  bytes: { B: 'AQID' },
  words: { SS: ['a', 'm', 'z'] },
  digits: { NS: ['1', '2'] },
  cells: { L: [{ N: '1' }, { S: 'x' }] },
  tree: { M: { leaf: { N: '1' }, branch: { M: { twig: { L: [{ S: 'bud' }] } } } } },
  flag: { BOOL: true },
  nothing: { NULL: true },
};
const values: Record<string, object> = {
  ':one': { N: '1' },
  ':onePointZero': { N: '1.0' },
  ':two': { N: '2' },
  ':three': { N: '3' },
  ':four': { N: '4' },
  ':five': { N: '5' },
  ':nine': { N: '9' },
  ':ten': { N: '10' },
  ':h': { S: 'h' },
  ':a': { S: 'a' },
  ':x': { S: 'x' },
  ':z': { S: 'z' },
  ':S': { S: 'S' },
  ':NULL': { S: 'NULL' },
  ':bytes': { B: 'AQ==' },
  ':set': { SS: ['z', 'a', 'm'] },
  ':list': { L: [{ N: '1.0' }, { S: 'x' }] },
  ':true': { BOOL: true },
};

/** The request of a deletion under a condition, with the placeholders that the condition names. */
function withCondition(condition: string) {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}(?![A-Za-z])`).test(condition));
  return {
    TableName: 'Plain',
    Key: { id: item.id },
    ConditionExpression: condition,
    ...(used.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(used) } : {}),
  };
}

const holds: string[] = [
  'n = :five',
  'cells = :list',
  'words = :set',
  'n <> :one',
  'absent <> :one',
  'NOT absent = :one',
  'n > :one AND n < :nine',
  'n < :ten',
  'n >= :five AND n <= :five',
  'n BETWEEN :five AND :nine',
  'n between :one and :five and flag = :true',
  'n IN (:one, :two, :five)',
  'tree.leaf = :onePointZero',
  'tree.branch.twig[0] <> :a',
  'cells[1] = :x',
  'attribute_exists(tree.branch.twig[0])',
  'attribute_not_exists(cells[2])',
  'attribute_not_exists(tree.leaf.deeper)',
  'attribute_type(letters, :S)',
  'attribute_type(nothing, :NULL)',
  'begins_with(letters, :h)',
  'begins_with(bytes, :bytes)',
  'contains(letters, :h)',
  'contains(words, :z)',
  'contains(digits, :onePointZero)',
  'contains(cells, :x)',
  'size(letters) = :four',
  'size(bytes) = :three',
  'size(words) = :three',
  'size(tree) = :two',
  'size(cells) BETWEEN :one AND :two',
  // AND binds tighter than OR, NOT tighter than AND.
  'n = :five OR n = :one AND n = :two',
  'NOT n = :one AND n = :five',
  'not not n = :five',
  '(n = :one OR n = :five) AND (flag = :true)',
  '(n) = :five',
];
const fails: string[] = [
  'n = :one',
  'absent = :one',
  'letters < :five',
  'absent > :one',
  'n = letters',
  'letters IN (:one, :five)',
  'contains(letters, :one)',
  'contains(flag, :one)',
  'size(n) = :one',
  'size(absent) = :one',
  'attribute_exists(cells[2])',
  'attribute_type(letters, :NULL)',
  'begins_with(n, :h)',
  'NOT (n = :five OR n = :one)',
];

describe('conditions that hold and do not', () => {
  const db = tables();
  db.ok('PutItem', { TableName: 'Plain', Item: item });
  test.each(fails)('fails: %s', (condition) => {
    expect(db.refused('DeleteItem', withCondition(condition)).name).toBe('ConditionalCheckFailedException');
  });
  test.each(holds)('holds: %s', (condition) => {
    db.ok('PutItem', { TableName: 'Plain', Item: item });
    expect(db.ok('DeleteItem', withCondition(condition))).toEqual({});
  });
});

const refusals: [string, string][] = [
  ['', 'The expression can not be empty;'],
  [' ', 'Syntax error; token: "<EOF>", near: " "'],
  ['n', 'Syntax error; token: "<EOF>", near: "n"'],
  ['n <', 'Syntax error; token: "<EOF>", near: "<"'],
  ['n = :one AND', 'Syntax error; token: "<EOF>", near: "AND"'],
  ['n = 5', 'Syntax error; token: "5", near: "= 5"'],
  ['n!=:one', 'Syntax error; token: "!", near: "n!="'],
  ['a-b = :one', 'Syntax error; token: "-", near: "a-b"'],
  ['_a = :one', 'Syntax error; token: "_", near: "_a"'],
  ['a[x] = :one', 'Syntax error; token: "x", near: "[x]"'],
  ['n = :one)', 'Syntax error; token: ")", near: ":one)"'],
  ['(n = :one', 'Syntax error; token: "<EOF>", near: ":one"'],
  ['n IN :one', 'Syntax error; token: ":one", near: "IN :one"'],
  ['n = and', 'Syntax error; token: "and", near: "= and"'],
  ['((n = :one))', 'The expression has redundant parentheses;'],
  ['foo(n)', 'Invalid function name; function: foo'],
  ['ATTRIBUTE_EXISTS(n)', 'Invalid function name; function: ATTRIBUTE_EXISTS'],
  ['if_not_exists(n, :one)', 'The function is not allowed in a condition expression; function: if_not_exists'],
  ['size(n)', 'The function is not allowed to be used this way in an expression; function: size'],
  [
    'attribute_exists(n) = :one',
    'The function is not allowed to be used this way in an expression; function: attribute_exists',
  ],
  ['attribute_exists(:one)', 'Operator or function requires a document path; operator or function: attribute_exists'],
  [
    'attribute_exists(n, letters)',
    'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
  ],
  [
    'begins_with(letters, :one)',
    'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
  ],
  ['n < :true', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
  ['attribute_type(n, :z)', 'Invalid attribute type name found; type: z, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}'],
  [
    'n = n',
    'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]',
  ],
  [
    'n BETWEEN :four AND :three',
    'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:4}, upper bound operand: AttributeValue: {N:3}',
  ],
  [
    'n BETWEEN :z AND :one',
    'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:z}, upper bound operand: AttributeValue: {N:1}',
  ],
  ['status = :one', 'Attribute name is a reserved keyword; reserved keyword: status'],
  ['tree.Name = :one', 'Attribute name is a reserved keyword; reserved keyword: Name'],
  ['#nope = :one', 'An expression attribute name used in the document path is not defined; attribute name: #nope'],
  ['n = :nope', 'An expression attribute value used in expression is not defined; attribute value: :nope'],
];

describe('conditions that are refused', () => {
  const db = tables();
  test.each(refusals)('%s', (condition, message) => {
    expect(db.invalid('DeleteItem', withCondition(condition))).toBe(`Invalid ConditionExpression: ${message}`);
  });

  test('a path into a key attribute', () => {
    expect(db.invalid('DeleteItem', withCondition('attribute_exists(id.x)'))).toBe(
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: id",
    );
  });
});

describe('placeholders', () => {
  const db = tables();
  const condition = { TableName: 'Plain', Key: { id: item.id }, ConditionExpression: 'attribute_not_exists(#n)' };
  test.each<[string, object, string]>([
    [
      'unused names',
      { ExpressionAttributeNames: { '#n': 'n', '#m': 'm' } },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#m}',
    ],
    [
      'unused values',
      {
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':b': { N: '1' }, ':a': { N: '1' } },
      },
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :a}',
    ],
    [
      'a name without #',
      { ExpressionAttributeNames: { n: 'n' } },
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "n"',
    ],
    ['no names', { ExpressionAttributeNames: {} }, 'ExpressionAttributeNames must not be empty'],
    ['no values', { ExpressionAttributeValues: {} }, 'ExpressionAttributeValues must not be empty'],
    [
      'a bad value',
      { ExpressionAttributeNames: { '#n': 'n' }, ExpressionAttributeValues: { ':v': { NS: [] } } },
      'ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An number set  may not be empty for key :v',
    ],
    [
      'names without an expression',
      { ConditionExpression: undefined, ExpressionAttributeNames: { '#n': 'n' } },
      'ExpressionAttributeNames can only be specified when using expressions',
    ],
    [
      'values without an expression',
      { ConditionExpression: undefined, ExpressionAttributeValues: { ':v': { N: '1' } } },
      'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
    ],
  ])('%s', (_what, more, message) => {
    expect(db.invalid('DeleteItem', { ...condition, ...more })).toBe(message);
  });

  test('a name stands for one attribute, dots and all', () => {
    db.ok('PutItem', { TableName: 'Plain', Item: { id: item.id, 'a.b': { N: '1' }, a: { M: { b: { N: '2' } } } } });
    const got = db.ok('GetItem', {
      TableName: 'Plain',
      Key: { id: item.id },
      ProjectionExpression: '#dotted',
      ExpressionAttributeNames: { '#dotted': 'a.b' },
    });
    expect(got.Item).toEqual({ 'a.b': { N: '1' } });
  });
});

describe('projections', () => {
  const db = tables();
  db.ok('PutItem', { TableName: 'Plain', Item: item });
  const get = { TableName: 'Plain', Key: { id: item.id } };
  test.each<[string, object]>([
    ['n, letters', { n: item.n, letters: item.letters }],
    ['tree.leaf', { tree: { M: { leaf: { N: '1' } } } }],
    [
      'tree.branch.twig[0], tree.leaf',
      { tree: { M: { branch: { M: { twig: { L: [{ S: 'bud' }] } } }, leaf: { N: '1' } } } },
    ],
    ['cells[1], cells[0]', { cells: item.cells }],
    ['cells[7], cells[1]', { cells: { L: [{ S: 'x' }] } }],
    ['absent, n.deeper', {}],
  ])('%s', (ProjectionExpression, expected) => {
    expect(db.ok('GetItem', { ...get, ProjectionExpression }).Item).toEqual(expected);
  });

  test.each([
    ['', 'The expression can not be empty;'],
    ['n,', 'Syntax error; token: "<EOF>", near: ","'],
    ['n letters', 'Syntax error; token: "letters", near: "n letters"'],
    ['size(n)', 'Syntax error; token: "(", near: "size(n"'],
    [
      'n, n',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]',
    ],
    [
      'tree, tree.leaf',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [tree], path two: [tree, leaf]',
    ],
    [
      'tree.leaf, tree[0]',
      'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [tree, leaf], path two: [tree, [0]]',
    ],
    ['status', 'Attribute name is a reserved keyword; reserved keyword: status'],
  ])('refused: %s', (ProjectionExpression, message) => {
    expect(db.invalid('GetItem', { ...get, ProjectionExpression })).toBe(`Invalid ProjectionExpression: ${message}`);
  });
});
