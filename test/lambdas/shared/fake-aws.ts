/**
 * The four services as far as the delivery protocol uses them, at the level of the SDK clients' `send`, with virtual
 * time and faults by call. Tables are the local runtime's engine; the other three do just what the protocol asks of them.
 *
 * 1. Every call is counted and kept in order. A fault is a function of the call: it may change the world, throw before
 *    the call takes effect, or return a function that runs after it (and may throw: a lost response).
 * 2. A crash is a call that never comes back; all later calls of that invocation never come back either.
 * 3. Time stands still while work is under way and moves to the next timer when nothing else can happen.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import './quiet';
import { replaceEnvironment } from '../../../lambdas/shared/environment';
import { fromItem, toItem } from '../../../lambdas/shared/rows';
import { seededRandom } from '../../../lib/local/random';
import { createTableService } from '../../../lib/local/services/table';

export interface Call {
  index: number;
  /** 'TransactWriteItems', 'PutEvents', ... */
  name: string;
  input: any;
}
type Fault = (call: Call) => undefined | (() => void);

export interface Published {
  source: string;
  type: string;
  id: string;
  detail: any;
}

export const recordTable = 'records';
const variables: Record<string, string> = {
  BATON_RECORD_TABLE: recordTable,
  BATON_BUS_NAME: 'bus',
  BATON_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/bus',
  BATON_DEAD_LETTERS_URL: 'https://queues.test/123456789012/dead-letters',
  BATON_SCHEDULE_GROUP: 'group',
  BATON_SCHEDULE_ROLE_ARN: 'arn:aws:iam::123456789012:role/schedules',
  BATON_SCHEDULE_DEAD_LETTERS_ARN: 'arn:aws:sqs:us-east-1:123456789012:schedule-dead-letters',
  BATON_SAGA_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:saga:live',
  BATON_TABLE_COUNTER: 'counters',
  BATON_TABLE_LEDGER: 'ledgers',
};

/** An error as the SDK throws it: told by its name, and no instance of anything in particular. */
export const awsError = (name: string, more: object = {}) =>
  Object.assign(new Error(`${name} (fake)`), { name, ...more });

export class FakeAws {
  nowMs = Date.parse('2026-11-24T08:00:00Z');
  calls: Call[] = [];
  published: Published[] = [];
  schedules = new Map<string, any>();
  executions = new Map<string, any>();
  /** What tasks were told, by token; a token that is not here is dead. */
  tasks = new Map<string, { told?: string; input?: any }>();
  deadLetters: { body: string; attributes: Record<string, string>; input: any }[] = [];
  fault: Fault = () => undefined;
  /** Changes the output of the call that is under way, once. */
  amend?: (output: any) => any;
  variables = { ...variables };
  private readonly tables = createTableService({
    account: '123456789012',
    region: 'us-east-1',
    random: seededRandom('fake-aws'),
    endpoint: 'http://localhost',
  });
  private timers: { atMs: number; order: number; work: () => void }[] = [];
  private made = 0;
  private dead = false;
  private seed = 1;
  private crashed: () => void = () => {};
  private readonly undo: () => void;

  constructor() {
    this.createTables();
    const client = { send: (command: any) => this.send(command) } as any;
    this.undo = replaceEnvironment({
      now: () => this.nowMs,
      random: () => {
        this.seed = (this.seed * 48_271) % 2_147_483_647;
        return this.seed / 2_147_483_647;
      },
      uuid: () => `uuid-${++this.made}`,
      after: (ms, work) => this.after(ms, work),
      variable: (name) => this.variables[name],
      dynamodb: client,
      events: client,
      sqs: client,
      scheduler: client,
      states: client,
    });
  }

  restore(): void {
    this.undo();
  }

  /** Calls by name, in order. */
  names(): string[] {
    return this.calls.map(({ name }) => name);
  }

  item(TableName: string, id: string): any {
    const { Item } = this.onTables('GetItem', { TableName, Key: { id: { S: id } }, ConsistentRead: true });
    return Item && fromItem(Item);
  }

  put(TableName: string, item: { id: string; [field: string]: unknown }): void {
    this.onTables('PutItem', { TableName, Item: toItem(item) });
  }

  remove(TableName: string, id: string): void {
    this.onTables('DeleteItem', { TableName, Key: { id: { S: id } } });
  }

  /** Runs one invocation to its end in virtual time; undefined: it crashed. */
  async invoke(
    handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>,
    messages: SQSRecord[],
    timeoutMs = 10_000,
  ): Promise<string[] | undefined> {
    const deadlineMs = this.nowMs + timeoutMs;
    const context = { getRemainingTimeInMillis: () => deadlineMs - this.nowMs } as Context;
    const crash = new Promise<undefined>((resolve) => {
      this.crashed = () => resolve(undefined);
    });
    const run = async () => {
      const { batchItemFailures } = await handler({ Records: messages }, context);
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    };
    return this.settle(() => Promise.race([run(), crash]));
  }

  /** Begins, and moves time on whenever everything waits, until it ends. */
  async settle<T>(begin: () => Promise<T>): Promise<T> {
    this.dead = false;
    const promise = begin();
    let ended = false;
    const end = () => {
      ended = true;
    };
    promise.then(end, end);
    for (;;) {
      for (let turn = 0; turn < 5 && !ended; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (ended) return promise;
      const next = this.timers.sort((a, b) => a.atMs - b.atMs || a.order - b.order).shift();
      if (!next) throw new Error('nothing can happen any more, and the invocation has not ended');
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.work();
    }
  }

  /** The function dies in its call number `index`, before or after the call takes effect. */
  crashAt(index: number, when: 'before' | 'after'): void {
    const first = this.calls.length;
    this.fault = (call) => {
      if (call.index - first !== index) return undefined;
      if (when === 'before') throw crash;
      return () => {
        throw crash;
      };
    };
  }

  private after(ms: number, work: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, order: ++this.made, work };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  private async send(command: any): Promise<any> {
    const name = command.constructor.name.replace(/Command$/, '');
    const call = { index: this.calls.length, name, input: command.input };
    this.calls.push(call);
    await Promise.resolve();
    if (this.dead) return new Promise(() => {});
    try {
      const afterwards = this.fault(call);
      const output = name in this ? (this as any)[name](command.input) : this.onTables(name, command.input);
      afterwards?.();
      const amend = this.amend;
      this.amend = undefined;
      return amend ? amend(output) : output;
    } catch (error) {
      if (error !== crash) throw error;
      this.dead = true;
      this.timers = [];
      this.fault = () => undefined;
      this.crashed();
      return new Promise(() => {});
    }
  }

  /** A call of DynamoDB, answered or refused. */
  onTables(operation: string, input: any): any {
    const { reply } = this.tables.apply(this.nowMs, { operation, input, requestId: `request-${++this.made}` });
    if (!reply?.error) return reply!.output;
    const { name, message, members } = reply.error;
    throw awsError(name, { message, ...members });
  }

  private createTables(): void {
    const string = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
    const keyed = { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], BillingMode: 'PAY_PER_REQUEST' };
    for (const TableName of ['counters', 'ledgers']) {
      this.onTables('CreateTable', { TableName, ...keyed, AttributeDefinitions: [string('id')] });
    }
    this.onTables('CreateTable', {
      TableName: recordTable,
      ...keyed,
      AttributeDefinitions: [string('id'), string('unpaid'), { AttributeName: 'atMs', AttributeType: 'N' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'unpaid',
          KeySchema: [
            { AttributeName: 'unpaid', KeyType: 'HASH' },
            { AttributeName: 'atMs', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  }

  // By the names of the operations; any other is DynamoDB's.
  PutEvents({ Entries }: any): any {
    for (const { Source, DetailType, Detail, EventBusName } of Entries) {
      if (EventBusName !== 'bus') throw new Error(`published to ${EventBusName}`);
      const detail = JSON.parse(Detail);
      this.published.push({ source: Source, type: DetailType, id: detail.meta.id, detail });
    }
    return { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: `bus-${++this.made}` })) };
  }

  CreateSchedule(input: any): any {
    if (this.schedules.has(input.Name)) throw awsError('ConflictException');
    this.schedules.set(input.Name, input);
    return { ScheduleArn: 'arn' };
  }

  StartExecution({ stateMachineArn, name, input }: any): any {
    if (stateMachineArn !== this.variables.BATON_SAGA_ARN) throw new Error(`started ${stateMachineArn}`);
    const known = this.executions.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(JSON.parse(input))) throw awsError('ExecutionAlreadyExists');
    this.executions.set(name, JSON.parse(input));
    return { executionArn: name };
  }

  SendTaskSuccess(input: any): any {
    return this.tellTask('success', input);
  }

  SendTaskFailure(input: any): any {
    return this.tellTask('failure', input);
  }

  SendTaskHeartbeat(input: any): any {
    return this.tellTask('heartbeat', input);
  }

  private tellTask(told: string, { taskToken, ...input }: any): object {
    if (!/^token-/.test(taskToken)) throw awsError('InvalidToken');
    const task = this.tasks.get(taskToken);
    if (!task || (task.told && task.told !== 'heartbeat')) throw awsError('TaskTimedOut');
    Object.assign(task, { told, input });
    return {};
  }

  SendMessage(input: any): any {
    const attributes = Object.fromEntries(
      Object.entries<any>(input.MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
    );
    this.deadLetters.push({ body: input.MessageBody, attributes, input });
    return { MessageId: `sent-${++this.made}` };
  }
}

const crash = new Error('the function died');

let messages = 0;

/** An event as its queue delivers it. */
export function messageOf(
  type: { source: string; name: string },
  data: unknown,
  meta: Record<string, unknown>,
  attributes: Record<string, string> = {},
): SQSRecord {
  const wire = { source: type.source, 'detail-type': type.name, detail: { meta, data } };
  return rawMessage(JSON.stringify(wire), attributes);
}

export function rawMessage(body: string, attributes: Record<string, string> = {}): SQSRecord {
  return {
    messageId: `message-${++messages}`,
    body,
    attributes: { MessageGroupId: 'group-1' },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
  } as unknown as SQSRecord;
}
