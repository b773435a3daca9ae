/**
 * A small app around charge.ts: a bus with its archive, a rule, a queue with dead letters, the function, the table for
 * Powertools as its page has it, the customers, and the bank's queue. Knows nothing of Baton.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { buildSync } from 'esbuild';
import { bundleSettings, projectRoot } from '../../../lib/constructs/bundle';
import type { Settings } from './charge';

/** As long as SQS keeps a message at all. */
const retentionPeriod = Duration.days(14);

export interface Options {
  timeoutSeconds: number;
  settings?: Settings;
}

const made = new Map<string, string>();

/** Synthesizes it, once for the same options; answers the assembly's folder. */
export function chargingApp(options: Options): string {
  const key = JSON.stringify(options);
  const assembly = made.get(key) ?? synthesized(options);
  made.set(key, assembly);
  return assembly;
}

function synthesized({ timeoutSeconds, settings = {} }: Options): string {
  const codeDir = mkdtempSync(join(tmpdir(), 'baton-powertools-code-'));
  buildSync({
    ...bundleSettings(projectRoot),
    entryPoints: [join(__dirname, 'charge.ts')],
    outfile: join(codeDir, 'index.js'),
    sourcemap: false,
    write: true,
  });
  const outdir = mkdtempSync(join(tmpdir(), 'baton-powertools-'));
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Charges');
  const bus = new EventBus(stack, 'Bus');
  bus.archive('Archive', { eventPattern: { source: ['shop'] }, retention: retentionPeriod });
  const partitionKey = { name: 'id', type: AttributeType.STRING };
  const billingMode = BillingMode.PAY_PER_REQUEST;
  const records = new Table(stack, 'Idempotency', { partitionKey, billingMode, timeToLiveAttribute: 'expiration' });
  const customers = new Table(stack, 'Customers', { partitionKey, billingMode });
  const bank = new Queue(stack, 'Bank', { queueName: 'bank', retentionPeriod });
  const deadLetters = new Queue(stack, 'DeadLetters', { retentionPeriod });
  const orders = new Queue(stack, 'Orders', {
    queueName: 'orders',
    retentionPeriod,
    // Six times the function's, as AWS advises.
    visibilityTimeout: Duration.seconds(6 * timeoutSeconds),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  new Rule(stack, 'Placed', {
    eventBus: bus,
    eventPattern: { source: ['shop'], detailType: ['OrderPlaced'] },
    targets: [new SqsQueue(orders, { deadLetterQueue: deadLetters })],
  });
  const charge = new LambdaFunction(stack, 'Charge', {
    functionName: 'charge',
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromAsset(codeDir),
    timeout: Duration.seconds(timeoutSeconds),
    environment: {
      IDEMPOTENCY_TABLE: records.tableName,
      CUSTOMERS_TABLE: customers.tableName,
      BANK_URL: bank.queueUrl,
      SETTINGS: JSON.stringify(settings),
    },
  });
  charge.addEventSource(new SqsEventSource(orders, { batchSize: 10, reportBatchItemFailures: true }));
  records.grantReadWriteData(charge);
  customers.grantReadData(charge);
  bank.grantSendMessages(charge);
  new CfnOutput(stack, 'BusName', { value: bus.eventBusName });
  new CfnOutput(stack, 'IdempotencyTableName', { value: records.tableName });
  new CfnOutput(stack, 'CustomersTableName', { value: customers.tableName });
  new CfnOutput(stack, 'BankUrl', { value: bank.queueUrl });
  new CfnOutput(stack, 'DeadLettersUrl', { value: deadLetters.queueUrl });
  app.synth();
  return outdir;
}
