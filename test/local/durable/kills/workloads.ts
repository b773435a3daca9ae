/**
 * What runs against an endpoint that is killed again and again. Each workload remembers what was acknowledged, repeats
 * what it heard nothing of as AWS allows it (same token, same name), and says in the end what is wrong.
 */
import { BookingRequested } from '../../../../lib/contracts/events/booking';
import type { Aws } from './aws';

export interface Workload {
  name: string;
  /** Creates what it needs; called once, while nothing is killed. */
  prepare(aws: Aws): Promise<void>;
  /** One step of it; called again and again, by `clients` at a time. */
  step(aws: Aws): Promise<void>;
  clients: number;
  /** Called in the end, while nothing is killed: what is wrong, or undefined while it cannot be said yet. */
  check(aws: Aws): Promise<string[] | undefined>;
  /** Operations that were answered. */
  acknowledged: number;
}

const account = '123456789012';
const urlOf = (aws: Aws, queue: string): string => `${aws.endpoint}/${account}/${queue}`;
const arnOf = (queue: string): string => `arn:aws:sqs:us-east-1:${account}:${queue}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Receives and deletes until the queue has nothing more, in flight or delayed; undefined: there is still some. */
async function drain(aws: Aws, queue: string, into: Map<string, number>, order?: string[]): Promise<boolean> {
  const QueueUrl = urlOf(aws, queue);
  for (;;) {
    const { Messages = [] } = await aws.demand('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    for (const { Body, ReceiptHandle } of Messages) {
      into.set(Body, (into.get(Body) ?? 0) + 1);
      order?.push(Body);
      await aws.demand('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    }
    if (Messages.length > 0) continue;
    const { Attributes } = await aws.demand('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    return ['', 'NotVisible', 'Delayed'].every((kind) => Attributes[`ApproximateNumberOfMessages${kind}`] === '0');
  }
}

/** Each of `expected` once, and of `possible` at most once. */
function onceEach(what: string, found: Map<string, number>, expected: Set<string>, possible: Set<string>): string[] {
  const wrong: string[] = [];
  for (const one of expected)
    if (found.get(one) !== 1) wrong.push(`${what} ${one} is there ${found.get(one) ?? 0} times`);
  for (const [one, times] of found)
    if (!expected.has(one) && !(possible.has(one) && times === 1))
      wrong.push(`${what} ${one} is there ${times} times and was not asked for`);
  return wrong;
}

/** Standard queue: what was sent is there until it is deleted; in flight stays in flight. */
export function standardQueue(): Workload {
  const queue = 'kills-standard';
  const visibilityMs = 4000;
  const sent = new Set<string>();
  const maybeSent = new Set<string>();
  const deleted = new Set<string>();
  const maybeDeleted = new Set<string>();
  const received = new Map<string, number>();
  const wrong: string[] = [];
  const left = new Map<string, number>();
  let n = 0;
  return {
    name: 'standard queue',
    clients: 2,
    acknowledged: 0,
    async prepare(aws) {
      const Attributes = { VisibilityTimeout: String(visibilityMs / 1000) };
      await aws.demand('sqs', 'CreateQueue', { QueueName: queue, Attributes });
    },
    async step(aws) {
      const QueueUrl = urlOf(aws, queue);
      const MessageBody = `message ${n++}`;
      const answer = await aws.ask('sqs', 'SendMessage', { QueueUrl, MessageBody });
      (answer ? sent : maybeSent).add(MessageBody);
      if (answer) this.acknowledged++;
      if (n % 3 !== 0) return;
      const askedAt = Date.now();
      const got = await aws.ask('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 3, WaitTimeSeconds: 1 });
      for (const { Body, ReceiptHandle } of got?.body.Messages ?? []) {
        this.acknowledged++;
        if (deleted.has(Body)) wrong.push(`${Body} was deleted and came again`);
        const before = received.get(Body);
        if (before !== undefined && Date.now() - before < visibilityMs)
          wrong.push(`${Body} came again while in flight`);
        received.set(Body, askedAt);
        if (Math.random() < 0.5) continue;
        const gone = await aws.ask('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
        (gone ? deleted : maybeDeleted).add(Body);
      }
    },
    async check(aws) {
      if (!(await drain(aws, queue, left))) return undefined;
      for (const one of sent)
        if (!left.has(one) && !deleted.has(one) && !maybeDeleted.has(one)) wrong.push(`${one} is lost`);
      for (const one of left.keys()) {
        if (deleted.has(one)) wrong.push(`${one} was deleted and is there`);
        if (!sent.has(one) && !maybeSent.has(one)) wrong.push(`${one} was never sent`);
      }
      return wrong;
    },
  };
}

/** FIFO queue: the same deduplication id once, each group in order. */
export function fifoQueue(): Workload {
  const queue = 'kills.fifo';
  const found = new Map<string, number>();
  const order: string[] = [];
  const expected = new Set<string>();
  let n = 0;
  return {
    name: 'FIFO queue',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      await aws.demand('sqs', 'CreateQueue', { QueueName: queue, Attributes: { FifoQueue: 'true' } });
    },
    async step(aws) {
      const MessageBody = `g${n % 3} ${n}`;
      const message = {
        QueueUrl: urlOf(aws, queue),
        MessageBody,
        MessageGroupId: `g${n % 3}`,
        MessageDeduplicationId: `${n}`,
      };
      const answer = await aws.ask('sqs', 'SendMessage', message);
      // Heard nothing: the same again, which must not make a second one.
      if (!answer) return pause(20);
      expected.add(MessageBody);
      this.acknowledged++;
      n++;
    },
    async check(aws) {
      if (!(await drain(aws, queue, found, order))) return undefined;
      const wrong = onceEach('FIFO message', found, expected, new Set([`g${n % 3} ${n}`]));
      const last = new Map<string, number>();
      for (const [group, number] of order.map((body) => body.split(' ') as [string, string])) {
        if ((last.get(group) ?? -1) > Number(number)) wrong.push(`${group} ${number} came after ${last.get(group)}`);
        last.set(group, Number(number));
      }
      return wrong;
    },
  };
}

/** Table: conditional puts, and transactions with a token, once each. */
export function table(): Workload {
  const TableName = 'kills';
  let n = 0;
  let sum = 0;
  return {
    name: 'table',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      await aws.demand('dynamodb', 'CreateTable', {
        TableName,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
    },
    async step(aws) {
      const write = {
        ClientRequestToken: `token-${n}`,
        TransactItems: [
          { Put: { TableName, Item: { id: { S: `item ${n}` } }, ConditionExpression: 'attribute_not_exists(id)' } },
          {
            Update: {
              TableName,
              Key: { id: { S: 'sum' } },
              UpdateExpression: 'ADD #n :one',
              ExpressionAttributeNames: { '#n': 'n' },
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
        ],
      };
      const answer = await aws.ask('dynamodb', 'TransactWriteItems', write);
      if (!answer) return pause(20);
      if (answer.status !== 200) throw new Error(`transaction ${n}: ${JSON.stringify(answer)}`);
      this.acknowledged++;
      n++;
      sum++;
    },
    async check(aws) {
      const wrong: string[] = [];
      const { Item } = await aws.demand('dynamodb', 'GetItem', { TableName, Key: { id: { S: 'sum' } } });
      // The one that nobody heard of may have been done.
      if (![sum, sum + 1].includes(Number(Item.n.N))) wrong.push(`the sum is ${Item.n.N} after ${sum} transactions`);
      for (let i = 0; i < n; i++) {
        const { Item: item } = await aws.demand('dynamodb', 'GetItem', { TableName, Key: { id: { S: `item ${i}` } } });
        if (!item) wrong.push(`item ${i} is lost`);
      }
      return wrong;
    },
  };
}

/** Bus: an event that was taken reaches its target, and its archive, once. */
export function bus(): Workload {
  const queue = 'kills-events';
  const taken = new Set<string>();
  const maybe = new Set<string>();
  const found = new Map<string, number>();
  let n = 0;
  return {
    name: 'event bus',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      await aws.demand('sqs', 'CreateQueue', { QueueName: queue });
      const { EventBusArn } = await aws.demand('events', 'CreateEventBus', { Name: 'kills' });
      await aws.demand('events', 'CreateArchive', { ArchiveName: 'kills', EventSourceArn: EventBusArn });
      const rule = { Name: 'kills', EventBusName: 'kills', EventPattern: '{"source":["kills"]}' };
      await aws.demand('events', 'PutRule', rule);
      const target = { Id: 'queue', Arn: arnOf(queue), InputPath: '$.detail.n' };
      await aws.demand('events', 'PutTargets', { Rule: 'kills', EventBusName: 'kills', Targets: [target] });
    },
    async step(aws) {
      const one = String(n++);
      const entry = { EventBusName: 'kills', Source: 'kills', DetailType: 'Kill', Detail: JSON.stringify({ n: one }) };
      const answer = await aws.ask('events', 'PutEvents', { Entries: [entry] });
      (answer ? taken : maybe).add(`"${one}"`);
      if (answer) this.acknowledged++;
    },
    async check(aws) {
      if (!(await drain(aws, queue, found))) return undefined;
      const wrong = onceEach('event', found, taken, maybe);
      const { EventCount } = await aws.demand('events', 'DescribeArchive', { ArchiveName: 'kills' });
      if (EventCount !== found.size)
        wrong.push(`the archive holds ${EventCount} events, and ${found.size} were delivered`);
      return wrong;
    },
  };
}

/** State machine: an execution that was started ends, and does its one task once. */
export function stateMachine(): Workload {
  const queue = 'kills-tasks';
  const arn = `arn:aws:states:us-east-1:${account}:stateMachine:kills`;
  const started = new Set<string>();
  const found = new Map<string, number>();
  let n = 0;
  return {
    name: 'state machine',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      await aws.demand('sqs', 'CreateQueue', { QueueName: queue });
      const definition = JSON.stringify({
        StartAt: 'Wait',
        States: {
          Wait: { Type: 'Wait', Seconds: 2, Next: 'Tell' },
          Tell: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sqs:sendMessage',
            Parameters: { QueueUrl: urlOf(aws, queue), 'MessageBody.$': '$.n' },
            End: true,
          },
        },
      });
      await aws.demand('states', 'CreateStateMachine', {
        name: 'kills',
        definition,
        roleArn: `arn:aws:iam::${account}:role/kills`,
      });
    },
    async step(aws) {
      const one = `execution-${n}`;
      const answer = await aws.ask('states', 'StartExecution', {
        stateMachineArn: arn,
        name: one,
        input: JSON.stringify({ n: one }),
      });
      if (!answer) return pause(20);
      // The same start again, after the first one has ended: it is there, once.
      if (answer.status !== 200 && !/ExecutionAlreadyExists/.test(JSON.stringify(answer.body)))
        throw new Error(JSON.stringify(answer));
      started.add(one);
      this.acknowledged++;
      n++;
      await pause(30);
    },
    async check(aws) {
      const { executions: running } = await aws.demand('states', 'ListExecutions', {
        stateMachineArn: arn,
        statusFilter: 'RUNNING',
      });
      if (running.length > 0 || !(await drain(aws, queue, found))) return undefined;
      return onceEach('task of', found, started, new Set([`execution-${n}`]));
    },
  };
}

/** Scheduler: a schedule that was made fires once. */
export function scheduler(): Workload {
  const queue = 'kills-schedules';
  const made = new Set<string>();
  const found = new Map<string, number>();
  let n = 0;
  let lastDueMs = 0;
  return {
    name: 'scheduler',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      await aws.demand('sqs', 'CreateQueue', { QueueName: queue });
    },
    async step(aws) {
      const one = `schedule-${n}`;
      lastDueMs = Date.now() + 3000;
      const schedule = {
        ClientToken: one,
        ScheduleExpression: `at(${new Date(lastDueMs).toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: arnOf(queue), RoleArn: `arn:aws:iam::${account}:role/kills`, Input: one },
      };
      const answer = await aws.send('scheduler', 'POST', `/schedules/${one}`, JSON.stringify(schedule), {
        'content-type': 'application/json',
      });
      if (!answer) return pause(20);
      if (answer.status !== 200 && answer.status !== 409) throw new Error(JSON.stringify(answer));
      made.add(one);
      this.acknowledged++;
      n++;
      await pause(50);
    },
    async check(aws) {
      if (Date.now() < lastDueMs + 3000 || !(await drain(aws, queue, found))) return undefined;
      return onceEach('schedule', found, made, new Set([`schedule-${n}`]));
    },
  };
}

/** Bucket: an object that was put is there. */
export function bucket(): Workload {
  let n = 0;
  return {
    name: 'bucket',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      await aws.send('s3', 'PUT', '/kills');
    },
    async step(aws) {
      const answer = await aws.send('s3', 'PUT', `/kills/object-${n}`, `body ${n}`.repeat(100));
      if (!answer) return pause(20);
      this.acknowledged++;
      n++;
      await pause(20);
    },
    async check(aws) {
      const wrong: string[] = [];
      for (let i = 0; i < n; i++) {
        const answer = await aws.send('s3', 'GET', `/kills/object-${i}`);
        if (answer?.body !== `body ${i}`.repeat(100)) wrong.push(`object-${i} is lost: ${answer?.status}`);
      }
      return wrong;
    },
  };
}

/** The app itself, with its functions: a booking that was taken is confirmed. */
export function bookings(): Workload {
  const taken = new Set<string>();
  let n = 0;
  let busName: string;
  let TableName: string;
  return {
    name: 'bookings',
    clients: 1,
    acknowledged: 0,
    async prepare(aws) {
      const { EventBuses } = await aws.demand('events', 'ListEventBuses', {});
      busName = EventBuses.map(({ Name }: any) => Name).find((name: string) => !['default', 'kills'].includes(name));
      const { TableNames } = await aws.demand('dynamodb', 'ListTables', {});
      TableName = TableNames.find((name: string) => /BookingBooking|BookingTable|Booking[A-F0-9]{8}/.test(name));
      if (!TableName) throw new Error(`no table of bookings among ${TableNames.join(', ')}`);
    },
    async step(aws) {
      const bookingId = `bk-kill-${n}`;
      const lane = `${String.fromCharCode(65 + (n % 26), 65 + (Math.floor(n / 26) % 26))}A-HAM`;
      const data = { ...BookingRequested.example, bookingId, laneId: lane };
      const meta = { id: `kill-${n}`, time: new Date().toISOString() };
      const entry = {
        EventBusName: busName,
        Source: BookingRequested.source,
        DetailType: BookingRequested.name,
        Detail: JSON.stringify({ meta, data }),
      };
      const answer = await aws.ask('events', 'PutEvents', { Entries: [entry] });
      n++;
      if (!answer) return pause(50);
      taken.add(bookingId);
      this.acknowledged++;
      await pause(400);
    },
    async check(aws) {
      // What was running at a kill comes again when its visibility timeout is over; what was killed five times has become
      // a dead letter, as it should, and is redriven as an operator would do it.
      if (++this.looks % 80 === 0) await redriveAll(aws);
      const waiting: string[] = [];
      for (const bookingId of taken) {
        const { Item } = await aws.demand('dynamodb', 'GetItem', { TableName, Key: { id: { S: bookingId } } });
        if (!JSON.stringify(Item ?? '').includes('"confirmed"')) waiting.push(bookingId);
      }
      if (waiting.length === 0) return [];
      if (this.looks < 300) return undefined;
      // A call to the gateway that was cut off is parked for a person where it may not be repeated.
      const parked = await deadLetters(aws);
      return waiting.filter((id) => !parked.includes(id)).map((id) => `${id} is neither confirmed nor a dead letter`);
    },
    looks: 0,
  } as Workload & { looks: number };
}

async function deadLetterQueues(aws: Aws): Promise<string[]> {
  const { QueueUrls } = await aws.demand('sqs', 'ListQueues', {});
  return QueueUrls.filter((url: string) => /DeadLetters/.test(url));
}

async function redriveAll(aws: Aws): Promise<void> {
  for (const url of await deadLetterQueues(aws)) {
    await aws.ask('sqs', 'StartMessageMoveTask', { SourceArn: arnOf(url.split('/').at(-1)!) });
  }
}

/** All that lies in them, as one text. */
async function deadLetters(aws: Aws): Promise<string> {
  let text = '';
  for (const QueueUrl of await deadLetterQueues(aws)) {
    for (;;) {
      const { Messages = [] } = await aws.demand('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      if (Messages.length === 0) break;
      text += JSON.stringify(Messages);
    }
  }
  return text;
}

export const workloads = (): Workload[] => [
  standardQueue(),
  fifoQueue(),
  table(),
  bus(),
  stateMachine(),
  scheduler(),
  bucket(),
  bookings(),
];
