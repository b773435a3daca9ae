/**
 * A small app that knows nothing of Baton: a bus, a rule, a queue with dead letters, a function that books orders into a
 * table. Two ways to write the function: one that counts, and one that remembers what it has counted.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';

const client = `
const { DynamoDBClient, UpdateItemCommand, TransactWriteItemsCommand } = require('@aws-sdk/client-dynamodb');
const dynamodb = new DynamoDBClient({});
const TableName = process.env.TABLE;
const add = (id) => ({ TableName, Key: { id: { S: id } }, UpdateExpression: 'ADD orders :one', ExpressionAttributeValues: { ':one': { N: '1' } } });`;

/** Right, as long as everything comes once. */
export const counting = `${client}
exports.handler = async ({ Records }) => {
  for (const { body } of Records) await dynamodb.send(new UpdateItemCommand(add(JSON.parse(body).detail.customer)));
};`;

/** What was counted is remembered in the same transaction. */
export const remembering = `${client}
exports.handler = async ({ Records }) => {
  for (const { body } of Records) {
    const { customer, order } = JSON.parse(body).detail;
    const seen = { TableName, Item: { id: { S: 'seen ' + order } }, ConditionExpression: 'attribute_not_exists(id)' };
    try {
      await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: seen }, { Update: add(customer) }] }));
    } catch (error) {
      if (error.CancellationReasons?.[0]?.Code !== 'ConditionalCheckFailed') throw error;
    }
  }
};`;

/** Synthesizes it with this code for its function; answers the assembly's folder. */
export function shop(code: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-shop-'));
  const codeDir = mkdtempSync(join(tmpdir(), 'baton-shop-code-'));
  writeFileSync(join(codeDir, 'index.js'), code);
  const app = new App({ outdir: folder, analyticsReporting: false });
  const stack = new Stack(app, 'Shop');
  const bus = new EventBus(stack, 'Bus');
  const table = new Table(stack, 'Customers', { partitionKey: { name: 'id', type: AttributeType.STRING } });
  const deadLetters = new Queue(stack, 'DeadLetters', { retentionPeriod: Duration.days(14) });
  const queue = new Queue(stack, 'Orders', {
    visibilityTimeout: Duration.seconds(60),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  new Rule(stack, 'Placed', {
    eventBus: bus,
    eventPattern: { source: ['shop'], detailType: ['OrderPlaced'] },
    targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
  });
  const handler = new LambdaFunction(stack, 'Count', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromAsset(codeDir),
    timeout: Duration.seconds(10),
    environment: { TABLE: table.tableName },
  });
  handler.addEventSource(new SqsEventSource(queue, { batchSize: 1 }));
  table.grantReadWriteData(handler);
  new CfnOutput(stack, 'BusName', { value: bus.eventBusName });
  new CfnOutput(stack, 'CustomersTable', { value: table.tableName });
  new CfnOutput(stack, 'DeadLettersUrl', { value: deadLetters.queueUrl });
  app.synth();
  return folder;
}
