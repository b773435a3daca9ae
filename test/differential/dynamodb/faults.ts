/**
 * What a request can be refused for, with the words of both sides. Where one pattern stands the words are the same.
 *
 * A request with several faults is refused for one of them, and which is not documented: Baton and DynamoDB Local may name
 * different ones. That is excused only between two faults of this list, and a fault so excused must also have been
 * refused by both for itself in a long run (main.ts): a check that only one side has does not hide here.
 */
export interface Fault {
  ours: RegExp;
  theirs: RegExp;
  /** Where the words differ: why. */
  wording?: string;
}

const same = (words: RegExp): Fault => ({ ours: words, theirs: words });
const constraint =
  "AWS's API layer checks constraints before DynamoDB sees the request, in its own words; DynamoDB Local has no such layer";
const number = "DynamoDB Local's own words about numbers; ours are the service's (dynalite's tests, run against AWS)";

const inExpression = (words: string): RegExp =>
  new RegExp(`^(Invalid (Update|Condition|Filter|KeyCondition|Projection)Expression: )${words}`);

export const faults: Fault[] = [
  same(inExpression('Syntax error; token: ')),
  same(inExpression('Attribute name is a reserved keyword; ')),
  same(inExpression('An expression attribute (name|value) used in ')),
  same(inExpression('Incorrect operand type for operator or function; operator( or function)?: ')),
  same(inExpression('Incorrect number of operands for operator or function; ')),
  same(inExpression('The function is not allowed (in an update|in a condition|to be used this way)')),
  same(inExpression('Invalid function name; function: ')),
  same(inExpression('Two document paths (overlap|conflict) with each other; ')),
  same(inExpression('The "\\w+" section can only be used once')),
  same(inExpression('The first operand must be distinct from the remaining operands')),
  same(inExpression('Operator or function requires a document path; ')),
  same(inExpression('Invalid attribute type name found; ')),
  same(inExpression('The expression has redundant parentheses;')),
  same(inExpression('The BETWEEN operator requires ')),
  same(inExpression('The expression can not be empty;')),
  same(/^Key attributes must be scalars; /),
  same(/^Value provided in ExpressionAttribute(Names|Values) unused in expressions: /),
  same(/^ExpressionAttributeValues (must not be empty|can only be specified when using expressions)/),
  same(/^ExpressionAttributeNames (must not be empty|can only be specified when using expressions)/),
  same(/^One or more parameter values were invalid: Cannot update attribute \S+\. This attribute is part of the key/),
  same(/^One or more parameter values are not valid\. /),
  same(/^Filter Expression can only contain non-primary key attributes: /),
  same(/^The provided starting key does not match the range key predicate/),
  same(/^Cannot specify the ProjectionExpression when choosing to get /),
  same(/^The provided expression refers to an attribute that does not exist in the item/),
  same(/^An operand in the update expression has an incorrect data type/),
  {
    ours: /^Invalid condition in KeyConditionExpression: /,
    theirs: /^Invalid condition in KeyConditionExpression: /,
    wording: 'DynamoDB Local looks for a key first',
  },
  same(/^The document path provided in the update expression is invalid for update/),
  {
    ours: /^One or more parameter values were invalid: (The update expression attempted to update the secondary index key|Type mismatch for Index Key )/,
    theirs:
      /^Invalid attribute value type|^One or more parameter values were invalid: (The update expression attempted to update the secondary index key|Type mismatch for Index Key)/,
    wording: 'DynamoDB Local does not name the key where the value has no type of a key',
  },
  {
    ours: /^One or more parameter values were invalid: (Size of hashkey|Aggregated size of all range keys) has exceeded/,
    theirs:
      /^Hash primary key values must be under 2048 bytes|^One or more parameter values were invalid: (Size of hashkey|Aggregated size of all range keys) has exceeded/,
    wording: 'DynamoDB Local has one sentence for both keys',
  },
  same(/^One or more parameter values were invalid: (Secondary index|Global secondary index|Select type)/),
  same(/^Consistent reads are not supported on global secondary indexes/),
  same(/^ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName/),
  same(/^Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES/),
  same(/^Item size (to update )?has exceeded the maximum allowed size/),
  same(/^The table does not have the specified index: /),
  same(/^Provided list of item keys contains duplicates/),
  same(/^Transaction request cannot include multiple operations on one item/),
  same(
    /^Supplied AttributeValue (is empty|has more than one datatypes set), must contain exactly one of the supported datatypes/,
  ),
  same(/^Nesting Levels have exceeded supported limits/),
  same(/^KeyConditionExpressions (cannot|must) /),
  {
    ours: /^One or more parameter values were invalid: Attempting to create an index which already exists/,
    theirs: /^Attempting to create an index which already exists/,
    wording: 'DynamoDB Local leaves out the prefix and the name',
  },
  same(/^Invalid operator used in KeyConditionExpression: /),
  same(/^(ExpressionAttributeValues contains invalid value: )?Empty attribute name/),
  same(/^Conditions can be of length 1 or 2 only/),
  same(/^Query key condition not supported/),
  {
    ours: /^The provided starting key is (invalid|outside query boundaries)/,
    theirs: /provided starting key |^Type mismatch for attribute to update|^Exclusive ?Start ?Key/i,
    wording: 'DynamoDB Local words starting keys differently',
  },
  {
    ours: /^Query condition missed key schema element: /,
    theirs: /^Query condition missed key schema element/,
    wording: 'DynamoDB Local leaves out which element',
  },
  {
    ours: /^Query key condition not supported/,
    theirs: /^Invalid operator used in KeyConditionExpression: /,
    wording: 'DynamoDB Local names the operator',
  },
  {
    ours: /^1 validation error detected: Value '(-1|0)' at 'limit'/,
    theirs: /^Limit must be greater than or equal to 1/,
    wording: constraint,
  },
  { ours: /^1 validation error detected: Value 'SOME' at 'select'/, theirs: /^Select must be /, wording: constraint },
  {
    ours: /^1 validation error detected: Value '(\{\}|\[\])' at '(requestItems|transactItems)'/,
    theirs: /must have some requests set|cannot have a null or no requests set|^Value (\[\]|null) at 'transactItems'/,
    wording: constraint,
  },
  {
    ours: /^1 validation error detected: Value '\w*' at 'clientRequestToken'/,
    theirs: /^(1 validation error detected: )?Value .* at 'clientRequestToken'/,
    wording: constraint,
  },
  {
    ours: /^1 validation error detected: Value 'EVERYTHING' at 'returnValues'|^ReturnValues can only be ALL_OLD or NONE/,
    theirs: /^Return values set to invalid value/,
    wording: constraint,
  },
  {
    ours: /^1 validation error detected: Value null at '[\w.]+' failed to satisfy constraint: Member must not be null/,
    theirs: /null|must (not be|be specified)|not specified/,
    wording: constraint,
  },
  {
    ours: /^TableName '[^']*': names are 3 to 255 characters long/,
    theirs: /^Invalid table\/index name\./,
    wording: constraint,
  },
  {
    ours: /^The (Total)?Segments? parameter is /,
    theirs: /^If (total )?segments? is specified|at 'segment' failed to satisfy constraint/,
    wording: 'other words of DynamoDB Local',
  },
  {
    ours: /^(ExpressionAttributeValues contains invalid value: )?The parameter cannot be converted to a numeric value/,
    theirs: /^(ExpressionAttributeValues contains invalid value: )?A value provided cannot be converted into a number/,
    wording: number,
  },
  {
    ours: /^(ExpressionAttributeValues contains invalid value: )?Attempting to store more than 38 significant digits in a Number/,
    theirs: /^(ExpressionAttributeValues contains invalid value: )?DynamoDB only supports precision up to 38 digits/,
    wording: number,
  },
  same(/^(ExpressionAttributeValues contains invalid value: )?Number (over|under)flow\. Attempting to store a number/),
  same(/^ExpressionAttributeValues contains invalid value: /),
  {
    ours: /^The provided key element does not match the schema/,
    theirs:
      /^The number of conditions on the keys is invalid|^One or more parameter values were invalid: (Type mismatch for key|Size of hashkey|Missing the key)|^One of the required keys was not given a value|^Invalid attribute value type|^The provided key element does not match the schema/,
    wording: 'the service has one sentence for every key that does not fit; DynamoDB Local several',
  },
  {
    ours: /^One or more parameter values were invalid: (Missing the key|Type mismatch for key)/,
    theirs:
      /^One of the required keys was not given a value|^Invalid attribute value type|^One or more parameter values were invalid: (Missing the key|Type mismatch for key)/,
    wording: 'DynamoDB Local does not name the key',
  },
  same(/^One or more parameter values were invalid: /),
];

const validation = /^400 ValidationException: /;

const textOf = (refusal: string): string => refusal.replace(validation, '');

/** Whether DynamoDB Local's refusal says this fault, whatever else its words may stand for. */
export const isToldBy = (fault: Fault, theirs: string): boolean =>
  validation.test(theirs) && fault.theirs.test(textOf(theirs));

/** The entry for a refusal in the words of one side, as `refusalText` has it. */
export function faultOf(side: 'ours' | 'theirs', refusal: string): Fault | undefined {
  if (!validation.test(refusal)) return undefined;
  return faults.find((fault) => fault[side].test(textOf(refusal)));
}
