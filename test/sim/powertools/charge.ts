/**
 * The consumer that is simulated: it has the bank charge orders, each once, by Powertools' idempotency as its page shows it
 * for batches of SQS (`makeIdempotent`, `registerLambdaContext`, a key of several fields). Every setting that has a default
 * is left at it, unless SETTINGS says otherwise: app.ts.
 *
 * 1. @aws-lambda-powertools/batch is not among our packages; what it does by default (all of a batch at once) is done here.
 * 2. The bank is a queue: each message in it is a payment, under an id of its own. It keeps no keys, so twice is visible.
 * 3. What is logged is for the properties: what was charged and refused, and what was reported as failed.
 */
import { randomUUID } from 'node:crypto';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** An order of the web shop has customer and basket; a sale at the till has neither. */
export interface Order {
  customer?: string;
  basket?: string;
  sale?: string;
  cents: number;
}

/** Of IdempotencyConfig, and `processInParallel` of the batch utility; default: what those have as default. */
export interface Settings {
  expiresAfterSeconds?: number;
  throwOnNoIdempotencyKey?: boolean;
  processInParallel?: boolean;
}

const dynamodb = new DynamoDBClient({});
const sqs = new SQSClient({});
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env.IDEMPOTENCY_TABLE! });
const { processInParallel = true, ...settings }: Settings = JSON.parse(process.env.SETTINGS!);
const config = new IdempotencyConfig({
  eventKeyJmesPath: 'powertools_json(body).detail.["customer", "basket"]',
  ...settings,
});

class CustomerUnknown extends Error {
  override readonly name = 'CustomerUnknown';
}

const orderIn = ({ body }: SQSRecord): Order => JSON.parse(body).detail;
const nameOf = ({ basket, sale }: Order): string => (basket ?? sale)!;
const say = (message: string, order: Order, error?: unknown): void =>
  console.log(JSON.stringify({ message, order: nameOf(order), ...(error ? { error: (error as Error).name } : {}) }));

const chargeOnce = makeIdempotent(
  async (record: SQSRecord) => {
    const order = orderIn(record);
    if (order.customer) await mustBeKnown(order);
    const MessageBody = JSON.stringify({ payment: randomUUID(), order: nameOf(order), cents: order.cents });
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.BANK_URL, MessageBody }));
    say('charged', order);
    return { order: nameOf(order) };
  },
  { persistenceStore, config },
);

async function mustBeKnown(order: Order): Promise<void> {
  const Key = { id: { S: order.customer! } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: process.env.CUSTOMERS_TABLE, Key }));
  if (Item) return;
  say('refused', order);
  throw new CustomerUnknown(`nobody knows ${order.customer} yet`);
}

export const handler = async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  config.registerLambdaContext(context);
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  const one = async (record: SQSRecord): Promise<void> => {
    try {
      await chargeOnce(record);
    } catch (error) {
      say('failed', orderIn(record), error);
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  };
  if (processInParallel) await Promise.all(Records.map(one));
  else for (const record of Records) await one(record);
  return { batchItemFailures };
};
