/**
 * State rows <-> DynamoDB items. An item is { id, version, ...data }; `version` counts the writes.
 *
 * 1. A row that was read is condition-checked when the decision is committed: on its version, or on being absent (T2).
 * 2. A deleted row stays as a tombstone { id, version, deleted: true }: were it gone, one that is created anew would
 *    have an old version again, and a decision that was made on the old one would pass.
 */
import type { AttributeValue, Put, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { schemaProblem } from '../../lib/contracts/envelope';
import { tableVariable } from '../../lib/contracts/environment';
import { invariant } from '../../lib/contracts/invariant';
import type { RowKey, RowType } from '../../lib/contracts/kit';
import * as env from './environment';

export type Item = Record<string, AttributeValue>;

/** When a part of a transaction may be done. */
export type Condition = Pick<Put, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> & {
  ConditionExpression: string;
};

/** An item's place, as a transaction and a read name it. */
export interface Place {
  table: string;
  id: string;
}

export const placeOf = (key: RowKey): Place => ({ table: env.variable(tableVariable(key.row.name)), id: key.id });

/** The row's data, fresh at each call; undefined: no such row. */
export function dataOf(item: Item | undefined): any {
  if (!item || item.deleted) return undefined;
  const { id: _id, version: _version, ...data } = unmarshall(item);
  return data;
}

const versionOf = (item: Item): number => Number(item.version?.N ?? 0);

/** The item after a write. Refuses data that its schema does not allow: nothing wrong is kept. */
export function written(row: RowType, place: Place, before: Item | undefined, data: any | 'delete'): Item {
  const id = { S: place.id };
  const version = { N: String((before ? versionOf(before) : 0) + 1) };
  if (data === 'delete') return { id, version, deleted: { BOOL: true } };
  const problem = schemaProblem(row.schema, data, row.name);
  invariant(!problem, `a decision writes a ${row.name} that its schema refuses: ${problem}`);
  for (const name of ['id', 'version', 'deleted']) {
    invariant(!(name in data), `${row.name} has a field '${name}', a name that the row's item needs; rename the field`);
  }
  return { ...toItem(data), id, version };
}

/** The part of the transaction for one row that was read: a write under its condition, or the condition alone. */
export function guarded(place: Place, before: Item | undefined, after: Item | undefined): TransactWriteItem {
  const condition: Condition = before?.version
    ? {
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(versionOf(before)) } },
      }
    : // Also right for an item that something else wrote, without a version.
      {
        ConditionExpression: 'attribute_not_exists(#name)',
        ExpressionAttributeNames: { '#name': before ? 'version' : 'id' },
      };
  if (after) return { Put: { TableName: place.table, Item: after, ...condition } };
  return { ConditionCheck: { TableName: place.table, Key: { id: { S: place.id } }, ...condition } };
}

export const toItem = (value: object): Item => marshall(value, { removeUndefinedValues: true });
export const fromItem = (item: Item): any => unmarshall(item);
