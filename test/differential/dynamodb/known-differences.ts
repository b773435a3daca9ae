/**
 * Where Baton's replies and DynamoDB Local's may differ, and why. Everything else is a failure.
 *
 * A row excuses one differing field when all of its patterns match; `field` is a path such as 'Items[0].a.N', 'error' the
 * HTTP status, name and text of a refusal. `ends`: the two hold different data from there, so the case ends. A row that a
 * long run never met is reported, so that none outlives its cause.
 */
import type { Difference } from './compare';
import { faultOf } from './faults';
import type { Request } from './generate/requests';

export interface KnownDifference {
  reason: string;
  operation?: RegExp;
  field: RegExp;
  ours?: RegExp;
  theirs?: RegExp;
  /** What patterns cannot say, of the two as JSON values. */
  when?: (ours: any, theirs: any, input: any) => boolean;
  ends?: true;
  /** Excuses the whole reply, for what else it has is another kind of reply; `field` is 'error' then. */
  whole?: true;
}

export const severalFaults: KnownDifference = {
  reason: 'several faults in one request: which is named is not documented (faults.ts)',
  field: /^error$/,
};

/** Told by run.ts, since it shows in no field. */
export const stuck: KnownDifference = {
  reason: "DynamoDB Local never finishes removing an index whose partition key is the table's",
  field: /(?!)/,
  ends: true,
};

export const knownDifferences: KnownDifference[] = [
  severalFaults,
  stuck,
  {
    reason: 'the service tells zero throughput of an on-demand index; DynamoDB Local tells none',
    field: /^Table(Description)?\.GlobalSecondaryIndexes\[\d+\]\.ProvisionedThroughput(\.NumberOfDecreasesToday)?$/,
    theirs: /^absent$/,
  },
  {
    reason: 'DynamoDB Local tells of changes of throughput that never were',
    field: /ProvisionedThroughput\.Last(Decrease|Increase)DateTime$|\.OnDemandThroughput$/,
    ours: /^absent$/,
  },
  {
    reason: "DynamoDB Local ends this text with a full stop; the service's has none",
    field: /^CancellationReasons\[\d+\]\.Message$/,
    ours: /^"The conditional request failed"$/,
    theirs: /^"The conditional request failed\."$/,
  },
  {
    reason: 'DynamoDB Local tells consumed capacity of a DeleteItem that did not ask for it',
    operation: /^DeleteItem$/,
    field: /^ConsumedCapacity$/,
    ours: /^absent$/,
  },
  {
    reason: "the service tells a transaction's units as read or write units too",
    operation: /^Transact/,
    field: /^ConsumedCapacity\[\d+\](\.Table|\.\w+SecondaryIndexes\.\w+)?\.(Read|Write)CapacityUnits$/,
    theirs: /^absent$/,
  },
  {
    reason:
      'a read that finds nothing consumes the least unit, and so does each item that a local index fetches ("read-write-operations", "LSI.ThroughputConsiderations"); none in DynamoDB Local',
    operation: /^(Query|Scan|BatchGetItem|TransactGetItems|GetItem)$/,
    field: /^ConsumedCapacity(\[\d+\])?\..*CapacityUnits$/,
    when: (ours, theirs) => ours > theirs,
  },
  {
    reason: 'DynamoDB Local counts a unit for each index when a batch deletes what is not there',
    operation: /^BatchWriteItem$/,
    field: /^ConsumedCapacity\[\d+\]\./,
    when: (ours, theirs) => theirs === undefined || ours === undefined || theirs > ours,
  },
  {
    reason:
      'in a transaction every action costs double ("transaction-apis"); DynamoDB Local forgets deletions and checks',
    operation: /^TransactWriteItems$/,
    field: /^ConsumedCapacity\[\d+\]\./,
    when: (ours, theirs) => ours > theirs,
  },
  {
    reason: 'DynamoDB Local fails with a 500',
    field: /^error$/,
    theirs: /^"500 InternalFailure: /,
    whole: true,
    ends: true,
  },
  {
    reason:
      'what an update cannot do is a cancellation reason on AWS (API_TransactWriteItems); DynamoDB Local refuses the request',
    operation: /^TransactWriteItems$/,
    field: /^error$/,
    ours: /TransactionCanceledException/,
    theirs: /ValidationException/,
    whole: true,
  },
  {
    reason: 'DynamoDB Local sees two actions on one item, or a wrong name, only after it has tested conditions',
    operation: /^Transact/,
    field: /^error$/,
    ours: /ValidationException/,
    theirs: /TransactionCanceledException/,
    whole: true,
  },
  {
    reason: 'DynamoDB Local looks for the table later than at other faults, or words its absence differently',
    field: /^error$/,
    when: (ours, theirs) =>
      ours !== undefined && theirs !== undefined && /ResourceNotFoundException|TableName '/.test(ours + theirs),
  },
  {
    reason: 'the text of API_TransactWriteItems and of PutItem; DynamoDB Local says less in a transaction',
    operation: /^TransactWriteItems$/,
    field: /^CancellationReasons\[\d+\]\.Message$/,
    ours: /The update expression attempted to update the secondary index key to unsupported type|Type mismatch for Index Key/,
  },
  {
    reason: "AWS's API layer refuses an unknown ReturnConsumedCapacity; DynamoDB Local takes it for NONE",
    field: /^error$/,
    ours: /at 'returnConsumedCapacity' failed to satisfy constraint/,
    whole: true,
    ends: true,
  },
  {
    reason: 'DynamoDB Local gives some numbers inside documents and sets back as they were written, not in one form',
    field: /\.(N|NS\[\d+\])$/,
    when: (ours, theirs) => ours !== undefined && theirs !== undefined && Number(ours) === Number(theirs),
  },
  {
    reason: 'DynamoDB Local takes a path into a key attribute in a ConditionCheck, and finds nothing there',
    operation: /^TransactWriteItems$/,
    field: /^error$/,
    ours: /Key attributes must be scalars/,
    theirs: /^absent$/,
    whole: true,
    ends: true,
  },
  {
    reason:
      'of a changed path UPDATED_OLD and UPDATED_NEW give just that path (dynalite, tested against AWS); DynamoDB Local gives the whole attribute',
    operation: /^UpdateItem$/,
    field: /^Attributes\.[^.]+\./,
    when: (_ours, _theirs, input) => /^UPDATED/.test(input.ReturnValues) && /[.[]/.test(input.UpdateExpression),
  },
  {
    reason:
      'DynamoDB Local adds 100 bytes to an index entry that is written; the documentation adds them for storage only',
    operation: /^(PutItem|UpdateItem|DeleteItem|TransactWriteItems)$/,
    field: /^ConsumedCapacity(\[\d+\])?\./,
    when: (ours, theirs) => theirs > ours,
  },
  {
    reason: 'DynamoDB Local counts the bytes of whole items that are read from an index which has only a part of them',
    operation: /^(Query|Scan)$/,
    field: /^ConsumedCapacity\./,
    when: (ours, theirs, input) => theirs > ours && input.IndexName !== undefined,
  },
  {
    reason:
      'an item may have 400 KB together with its entries in local indexes ("ServiceQuotas"); DynamoDB Local adds only their keys',
    operation: /^(PutItem|UpdateItem|BatchWriteItem|TransactWriteItems)$/,
    field: /^error$/,
    ours: /Item size (to update )?has exceeded|\[.*ValidationError.*\]/,
    whole: true,
    ends: true,
  },
  {
    reason:
      "AWS's API layer refuses an empty ClientRequestToken and an Update without expression; DynamoDB Local takes both",
    operation: /^TransactWriteItems$/,
    field: /^error$/,
    ours: /at '(clientRequestToken|transactItems\.update\.updateExpression)' failed to satisfy constraint/,
    whole: true,
    ends: true,
  },
  {
    reason:
      'an update may not give an index key a wrong type (API_TransactWriteItems lists the text); DynamoDB Local lets it pass where the item had none',
    operation: /^(UpdateItem|TransactWriteItems)$/,
    field: /^error$/,
    ours: /attempted to update the secondary index key to unsupported type|\[.*ValidationError.*\]/,
    theirs: /^absent$/,
    whole: true,
    ends: true,
  },
  {
    reason: 'DynamoDB Local counts a write to an index that had the item neither before nor after',
    operation: /^(PutItem|UpdateItem|TransactWriteItems)$/,
    field: /^ConsumedCapacity(\[\d+\])?\.(Global|Local)SecondaryIndexes/,
    ours: /^absent$/,
  },
  {
    reason:
      'DynamoDB Local sees at the bound of the sort key that nothing follows; here a page that its Limit ended tells where (API_Query, Limit)',
    operation: /^Query$/,
    field: /^LastEvaluatedKey$/,
    theirs: /^absent$/,
    when: (_ours, _theirs, input) => input.Limit !== undefined && / AND |BETWEEN/.test(input.KeyConditionExpression),
  },
  {
    reason: 'DynamoDB Local does not look at how deep a value is nested that is only compared',
    field: /^error$/,
    ours: /ExpressionAttributeValues contains invalid value: Nesting Levels have exceeded/,
    whole: true,
    ends: true,
  },
  {
    reason: 'DynamoDB Local takes two actions on one item whose key is a number written with an exponent',
    operation: /^TransactWriteItems$/,
    field: /^error$/,
    ours: /cannot include multiple operations on one item/,
    theirs: /^absent$/,
    whole: true,
    ends: true,
  },
  {
    reason: "what follows a made-up place among equal keys of a global index: their order is nobody's promise",
    operation: /^Query$/,
    field: /^(Items|Count|ScannedCount|ConsumedCapacity)/,
    when: (_ours, _theirs, input) => input.ExclusiveStartKey !== undefined && /^(global|added)/.test(input.IndexName),
  },
  {
    reason: 'DynamoDB Local keeps a definition of an attribute that no key has any more',
    operation: /^(UpdateTable|DescribeTable)$/,
    field: /^Table(Description)?\.AttributeDefinitions$/,
    when: (ours, theirs) => theirs.length > ours.length,
  },
  {
    reason: 'a filter of a Scan sees what the index has; in DynamoDB Local sometimes the whole item',
    operation: /^Scan$/,
    field: /^(Items|Count)/,
    when: (_ours, _theirs, input) => input.IndexName !== undefined && input.FilterExpression !== undefined,
  },
  {
    reason: 'an index is made and removed at once here, so UpdateTable tells no CREATING or DELETING',
    operation: /^UpdateTable$/,
    field: /^TableDescription\.(TableStatus|GlobalSecondaryIndexes)/,
  },
  {
    reason: 'DynamoDB Local counts the bytes of whole items for an index that has only a part of them',
    field: /^Table(Description)?\.\w+SecondaryIndexes\[\d+\]\.IndexSizeBytes$/,
    when: (ours, theirs) => theirs > ours,
  },
  {
    reason: 'what an update may not touch is refused here before its condition is tested',
    operation: /^UpdateItem$/,
    field: /^error$/,
    ours: /Key attributes must be scalars|Cannot update attribute/,
    theirs: /ConditionalCheckFailedException/,
    whole: true,
  },
  {
    reason: 'DynamoDB Local remembers the token of a cancelled transaction; here only a successful one is repeated',
    operation: /^TransactWriteItems$/,
    field: /^error$/,
    theirs: /IdempotentParameterMismatchException/,
    whole: true,
    ends: true,
  },
];

const asJson = (text: string) => (text === 'absent' ? undefined : JSON.parse(text));

export function knownAs(
  { operation, input }: Request,
  { field, ours, theirs }: Difference,
): KnownDifference | undefined {
  if (field === 'error' && ours !== 'absent' && theirs !== 'absent') {
    if (faultOf('ours', asJson(ours)) && faultOf('theirs', asJson(theirs))) return severalFaults;
  }
  return knownDifferences.find(
    (known) =>
      known !== severalFaults &&
      known.field.test(field) &&
      (known.operation?.test(operation) ?? true) &&
      (known.ours?.test(ours) ?? true) &&
      (known.theirs?.test(theirs) ?? true) &&
      (known.when?.(asJson(ours), asJson(theirs), input) ?? true),
  );
}
