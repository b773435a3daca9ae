/** The sandbox gateway's books in a table of their own: item { id: bookingId, version, account }. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { environment } from '../../lib/contracts/environment';
import * as env from '../shared/environment';
import { nameOf } from '../shared/errors';
import { fromItem, toItem } from '../shared/rows';
import type { Books } from './sandbox-gateway';

export const tableBooks: Books = {
  async read(bookingId, signal) {
    const { Item } = await env.dynamodb().send(
      new GetItemCommand({
        TableName: env.variable(environment.gatewayTable),
        Key: { id: { S: bookingId } },
        ConsistentRead: true,
      }),
      env.until(signal),
    );
    if (!Item) return undefined;
    const { account, version } = fromItem(Item);
    return { account, version };
  },

  async write(bookingId, account, version, signal) {
    try {
      await env.dynamodb().send(
        new PutItemCommand({
          TableName: env.variable(environment.gatewayTable),
          Item: toItem({ id: bookingId, version: version + 1, account }),
          ...(version === 0
            ? { ConditionExpression: 'attribute_not_exists(id)' }
            : {
                ConditionExpression: '#version = :version',
                ExpressionAttributeNames: { '#version': 'version' },
                ExpressionAttributeValues: { ':version': { N: String(version) } },
              }),
        }),
        env.until(signal),
      );
      return true;
    } catch (error) {
      if (nameOf(error) === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  },
};
