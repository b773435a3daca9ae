/**
 * Source: developer guide, "Using update expressions in DynamoDB"; API_UpdateItem (ReturnValues). Answers and messages
 * were seen with DynamoDB Local 3.3.0 unless marked, and are written here by hand.
 */
import { tables } from './support';

const item = {
  pk: { S: 'a' },
  sk: { N: '1' },
  n: { N: '1' },
  cells: { L: [{ N: '1' }, { S: 'x' }, { N: '3' }] },
  tree: { M: { leaf: { N: '1' }, twigs: { L: [{ N: '5' }] } } },
  words: { SS: ['a', 'm', 'z'] },
  letters: { S: 'x' },
};
const values: Record<string, object> = {
  ':one': { N: '1' },
  ':z': { S: 'z' },
  ':empty': { S: '' },
  ':big': { N: '12345678901234567890123456789012345678' },
  ':tiny': { N: '1e-100' },
  ':list': { L: [{ S: 'new' }] },
  ':some': { SS: ['z', 'new'] },
  ':all': { SS: ['a', 'm', 'z'] },
  ':digits': { NS: ['1'] },
};

function update(expression: string, ReturnValues?: string) {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}(?![A-Za-z])`).test(expression));
  return {
    TableName: 'Orders',
    Key: { pk: item.pk, sk: item.sk },
    UpdateExpression: expression,
    ...(ReturnValues ? { ReturnValues } : {}),
    ...(used.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(used) } : {}),
  };
}

function db() {
  const result = tables();
  result.ok('PutItem', { TableName: 'Orders', Item: item });
  return result;
}

describe('what an update makes of an item: changed attributes, undefined where they are gone', () => {
  test.each<[string, Record<string, unknown>]>([
    ['SET n = :z', { n: { S: 'z' } }],
    ['set n = :one remove letters', { n: { N: '1' }, letters: undefined }],
    ['SET n = n + :one', { n: { N: '2' } }],
    ['SET n = n-:one', { n: { N: '0' } }],
    ['SET n = (n + :one)', { n: { N: '2' } }],
    ['SET n = :one + :big', { n: { N: '12345678901234567890123456789012345679' } }],
    ['SET q = if_not_exists(q, :one) + :one', { q: { N: '2' } }],
    ['SET q = if_not_exists(n, letters)', { q: { N: '1' } }],
    ['SET cells = list_append(cells, :list)', { cells: { L: [...item.cells.L, { S: 'new' }] } }],
    ['SET cells = list_append(:list, cells)', { cells: { L: [{ S: 'new' }, ...item.cells.L] } }],
    ['SET q = list_append(if_not_exists(q, :list), :list)', { q: { L: [{ S: 'new' }, { S: 'new' }] } }],
    ['SET tree.leaf = :z', { tree: { M: { leaf: { S: 'z' }, twigs: { L: [{ N: '5' }] } } } }],
    ['SET tree.twigs[0] = tree.leaf', { tree: { M: { leaf: { N: '1' }, twigs: { L: [{ N: '1' }] } } } }],
    // Right-hand sides see the item as it was.
    ['SET cells[1] = cells[2], cells[2] = cells[1]', { cells: { L: [{ N: '1' }, { N: '3' }, { S: 'x' }] } }],
    ['SET q = n, n = :z', { q: { N: '1' }, n: { S: 'z' } }],
    // Beyond the end: appended, in order of the indexes.
    ['SET cells[9] = :one, cells[7] = :z', { cells: { L: [...item.cells.L, { S: 'z' }, { N: '1' }] } }],
    ['REMOVE cells[0], cells[2] SET cells[1] = :z', { cells: { L: [{ S: 'z' }] } }],
    ['REMOVE cells[0] SET cells[9] = :one', { cells: { L: [{ S: 'x' }, { N: '3' }, { N: '1' }] } }],
    ['REMOVE cells[33]', {}],
    ['REMOVE tree.leaf, absent', { tree: { M: { twigs: { L: [{ N: '5' }] } } } }],
    ['ADD n :one', { n: { N: '2' } }],
    ['ADD q :one', { q: { N: '1' } }],
    ['ADD tree.leaf :one', { tree: { M: { leaf: { N: '2' }, twigs: { L: [{ N: '5' }] } } } }],
    ['ADD words :some', { words: { SS: ['a', 'm', 'new', 'z'] } }],
    ['ADD q :some', { q: { SS: ['new', 'z'] } }],
    ['DELETE words :some', { words: { SS: ['a', 'm'] } }],
    ['DELETE words :all', { words: undefined }],
    ['DELETE q :some', {}],
  ])('%s', (expression, changed) => {
    const tablesNow = db();
    tablesNow.ok('UpdateItem', update(expression));
    const expected = JSON.parse(JSON.stringify({ ...item, ...changed }));
    expect(tablesNow.ok('GetItem', { TableName: 'Orders', Key: { pk: item.pk, sk: item.sk } }).Item).toEqual(expected);
  });

  test('without an item, one is made of the key', () => {
    const Key = { pk: { S: 'new' }, sk: { N: '2' } };
    const made = tables().ok('UpdateItem', { ...update('SET n = :one', 'ALL_NEW'), Key });
    expect(made.Attributes).toEqual({ ...Key, n: { N: '1' } });
    const bare = tables().ok('UpdateItem', { TableName: 'Orders', Key, ReturnValues: 'ALL_NEW' });
    expect(bare.Attributes).toEqual(Key);
  });
});

describe('updates that are refused', () => {
  const invalidPath = 'The document path provided in the update expression is invalid for update';
  const wrongType = 'An operand in the update expression has an incorrect data type';
  const ofKey =
    'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key';
  test.each<[string, string]>([
    ['SET q = absent', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET a1 = n, q = a1', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET n = letters + :one', wrongType],
    ['SET q = list_append(letters, :list)', wrongType],
    ['ADD letters :one', wrongType],
    ['ADD n :some', wrongType],
    ['DELETE n :some', wrongType],
    ['DELETE words :digits', wrongType],
    ['SET absent.leaf = :one', invalidPath],
    ['SET letters.leaf = :one', invalidPath],
    ['SET tree[0] = :one', invalidPath],
    ['REMOVE absent.leaf', invalidPath],
    ['DELETE absent.leaf :some', invalidPath],
    ['SET pk = :z', ofKey],
    ['REMOVE pk', ofKey],
    [
      'SET holder = :empty',
      'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.',
    ],
    // AWS's words; DynamoDB Local has others.
    [
      'SET holder = :one',
      'One or more parameter values were invalid: The update expression attempted to update the secondary index key to unsupported type',
    ],
    ['SET n = :one + :tiny', 'Attempting to store more than 38 significant digits in a Number'],
    [
      'SET holder.x = :one',
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: holder",
    ],
  ])('%s', (expression, message) => {
    const tablesNow = db();
    expect(tablesNow.invalid('UpdateItem', update(expression))).toBe(message);
    expect(tablesNow.ok('GetItem', { TableName: 'Orders', Key: { pk: item.pk, sk: item.sk } }).Item).toEqual(item);
  });

  test.each<[string, string]>([
    ['', 'The expression can not be empty;'],
    ['SET', 'Syntax error; token: "<EOF>", near: "SET"'],
    ['n = :one', 'Syntax error; token: "n", near: "n ="'],
    ['SET n = :one,', 'Syntax error; token: "<EOF>", near: ","'],
    ['SET n = :one q = :one', 'Syntax error; token: "q", near: ":one q ="'],
    ['SET n = n * :one', 'Syntax error; token: "*", near: "n * :one"'],
    ['SET n = n + :one - :one', 'Syntax error; token: "-", near: ":one - :one"'],
    ['SET n = if_not_exists(n, :one + :one)', 'Syntax error; token: "+", near: ":one + :one"'],
    ['ADD n n', 'Syntax error; token: "n", near: "n n"'],
    ['SET n = ((:one + :one))', 'The expression has redundant parentheses;'],
    ['SET n = :one SET q = :one', 'The "SET" section can only be used once in an update expression;'],
    ['SET n = size(letters)', 'The function is not allowed in an update expression; function: size'],
    ['SET n = foo(n)', 'Invalid function name; function: foo'],
    [
      'SET n = list_append(list_append(:list, :list), :list)',
      'The function is not allowed to be used this way in an expression; function: list_append',
    ],
    [
      'SET n = list_append(n)',
      'Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1',
    ],
    [
      'SET n = list_append(cells, :one)',
      'Incorrect operand type for operator or function; operator or function: list_append, operand type: N',
    ],
    ['SET n = :z + :one', 'Incorrect operand type for operator or function; operator or function: +, operand type: S'],
    [
      'SET n = if_not_exists(:one, n)',
      'Operator or function requires a document path; operator or function: if_not_exists',
    ],
    [
      'ADD n :z',
      'Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND',
    ],
    [
      'DELETE n :one',
      'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND',
    ],
    [
      'SET cells[0] = :one REMOVE cells',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [cells, [0]], path two: [cells]',
    ],
    [
      'SET tree.leaf = :one, tree[0] = :one',
      'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [tree, leaf], path two: [tree, [0]]',
    ],
    ['SET status = :one', 'Attribute name is a reserved keyword; reserved keyword: status'],
  ])('%s', (expression, message) => {
    expect(db().invalid('UpdateItem', update(expression))).toBe(`Invalid UpdateExpression: ${message}`);
  });
});

describe('ReturnValues', () => {
  test.each<[string, string, object | undefined]>([
    ['SET n = :z', 'ALL_OLD', item],
    ['SET n = :z', 'ALL_NEW', { ...item, n: { S: 'z' } }],
    ['SET n = :z', 'UPDATED_OLD', { n: { N: '1' } }],
    ['SET n = :z', 'UPDATED_NEW', { n: { S: 'z' } }],
    ['SET q = :z', 'UPDATED_OLD', undefined],
    ['REMOVE n', 'UPDATED_NEW', undefined],
    ['REMOVE n', 'UPDATED_OLD', { n: { N: '1' } }],
    ['SET n = :z', 'NONE', undefined],
    // AWS returns the changed path only; DynamoDB Local returns the whole attribute.
    ['SET tree.leaf = :z', 'UPDATED_NEW', { tree: { M: { leaf: { S: 'z' } } } }],
  ])('%s, %s', (expression, returnValues, expected) => {
    expect(db().ok('UpdateItem', update(expression, returnValues)).Attributes).toEqual(expected);
  });
});
