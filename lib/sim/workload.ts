/**
 * What a user writes to have an app simulated: a workload that drives it from outside, and properties that must hold.
 * The app is known by its stack outputs only.
 */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Crossing, Millis, Random, TraceEntry } from '../local/ports';
import type { Json, ServiceName } from '../local/services/service';
import type { VirtualWorld } from '../local/virtual';

export interface Workload {
  name: string;
  /** Drives the app. May let time pass and look at what came of it; all of its chance comes from `random`. */
  run(app: SimApp, random: Random): void | Promise<void>;
  /** What people do when all is well again: redrive, approve, resume. The app must then come to rest once more. */
  afterwards?(app: SimApp, random: Random): void | Promise<void>;
  /**
   * Which calls of functions stand for an outside gateway (a payment service, a carrier): there the faults
   * `gateway-...` strike. Left out: none does.
   */
  isGateway?(crossing: Extract<Crossing, { at: 'sdk' }>, app: SimApp): boolean;
  /**
   * Stack outputs (queue URLs) whose messages an operator may send back at any time. With a destination, as SQS wants it
   * for messages that it has not moved there itself.
   */
  redrivable?(app: SimApp): (string | { from: string; to: string })[];
}

/** An event from outside, as PutEvents takes it. */
export interface OutsideEvent {
  source: string;
  detailType: string;
  /** JSON, or any text for a publisher that is wrong. */
  detail: unknown;
  /** The stack output that names the bus. Default: 'BusName'. */
  bus?: string;
}

/** What was published from outside in this run, in order. */
export interface Sent extends OutsideEvent {
  at: Millis;
  /** EventBridge's id of the entry; undefined where it was refused. */
  eventId: string | undefined;
}

export interface DeadLetter {
  queueUrl: string;
  /** The stack output that holds the queue's URL. */
  output: string | undefined;
  body: string;
  /** Message attributes by name. */
  attributes: Record<string, string>;
  receives: number;
}

/** Reads that both a workload and a property may make; nothing here changes the app. */
export class AppView {
  constructor(protected readonly world: VirtualWorld) {}

  get trace(): readonly TraceEntry[] {
    return this.world.trace;
  }

  get outputs(): ReadonlyMap<string, string> {
    return this.world.outputs;
  }

  /** Virtual time, in epoch milliseconds. */
  now(): Millis {
    return this.world.time.now();
  }

  /** The value of a stack output; throws where no stack has it. */
  output(key: string): string {
    return this.world.output(key);
  }

  /** Every item of a table, unmarshalled. `output`: the stack output with the table's name. */
  items<T = any>(output: string): T[] {
    const items: T[] = [];
    let start: unknown;
    do {
      const page = this.world.now('dynamodb', 'Scan', {
        TableName: this.output(output),
        ConsistentRead: true,
        ...(start ? { ExclusiveStartKey: start } : {}),
      });
      for (const item of page.Items) items.push(unmarshall(item) as T);
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  }

  /** A request that reads and is answered at once; throws an error with AWS's name. */
  read(service: ServiceName, operation: string, input: Json): Json {
    if (!/^(Get|List|Describe|Query|Scan|BatchGet|Head|\$messages|\$pending)/.test(operation)) {
      throw new Error(`${service} ${operation} is no reading operation; a workload may 'request' it`);
    }
    return this.world.now(service, operation, input);
  }

  /** Every message that lies in the queue behind a stack output; none is received by looking. */
  messages(output: string): DeadLetter[] {
    return this.lying(this.output(output), output);
  }

  /** Every message in every queue that no function is mapped to: dead letters, of queues and of rules. */
  deadLetters(): DeadLetter[] {
    const outputOf = new Map([...this.outputs].map(([key, value]) => [value, key]));
    const mapped = new Set(
      (this.world.now('lambda', 'ListEventSourceMappings', {}).EventSourceMappings as Json[]).map(
        ({ EventSourceArn }) => EventSourceArn,
      ),
    );
    const urls = (this.world.now('sqs', 'ListQueues', {}).QueueUrls ?? []) as string[];
    return urls
      .filter((url) => !mapped.has(queueArn(url)))
      .flatMap((queueUrl) => this.lying(queueUrl, outputOf.get(queueUrl)));
  }

  private lying(queueUrl: string, output: string | undefined): DeadLetter[] {
    const { Messages } = this.world.now('sqs', '$messages', { QueueUrl: queueUrl });
    return (Messages as Json[]).map(({ Body, Attributes, Receives }) => ({
      queueUrl,
      output,
      body: Body,
      attributes: Attributes,
      receives: Receives,
    }));
  }
}

/** The app as a workload meets it: from outside, by stack outputs, in virtual time. */
export class SimApp extends AppView {
  readonly sent: Sent[] = [];
  /** Calls of `publish` so far. */
  publications = 0;
  /** How often it published, asked, redrove or let time pass. */
  acts = 0;

  constructor(
    world: VirtualWorld,
    /** What becomes of the n-th publication: shrinking leaves some out, faults repeat or delay them. */
    private readonly fate: (number: number, event: OutsideEvent) => Fate,
  ) {
    super(world);
  }

  /** PutEvents by an outsider, who repeats what may have failed: a refusal throws. */
  publish(event: OutsideEvent): void {
    this.acts++;
    const { times } = this.fate(this.publications++, event);
    for (const laterMs of times) {
      if (laterMs <= 0) this.put(event);
      else this.world.time.at(this.now() + laterMs, () => this.put(event));
    }
  }

  /** Lets virtual time pass. */
  pass(ms: Millis): Promise<void> {
    this.acts++;
    return this.world.pass(ms);
  }

  /** Lets time pass until `done()` or the time is over; tells which. Looks every `everyMs`. */
  async until(done: () => boolean, withinMs: Millis, everyMs: Millis = 1000): Promise<boolean> {
    const end = this.now() + withinMs;
    this.acts++;
    while (!done()) {
      if (this.now() >= end) return false;
      await this.world.pass(Math.min(everyMs, end - this.now()));
    }
    return true;
  }

  /** Any request, as an operator's or a client's; time may pass for it. Throws an error with AWS's name. */
  request(service: ServiceName, operation: string, input: Json): Promise<Json> {
    this.acts++;
    return this.world.request(service, operation, input);
  }

  /** Sends what lies in a dead-letter queue back (SQS StartMessageMoveTask), to where it came from or to `to`. */
  redrive(output: string, to?: string): void {
    this.acts++;
    const arn = queueArn(this.output(output));
    const destination = to === undefined ? {} : { DestinationArn: queueArn(this.output(to)) };
    try {
      this.world.now('sqs', 'StartMessageMoveTask', { SourceArn: arn, ...destination });
    } catch (error) {
      // One task at a time is AWS's rule; the messages that are left wait for the next redrive.
      if (
        !/UnsupportedOperation|already|InvalidParameter/i.test(`${(error as Error).name} ${(error as Error).message}`)
      )
        throw error;
    }
  }

  private put(event: OutsideEvent): void {
    const { source, detailType, detail, bus = 'BusName' } = event;
    const Detail = typeof detail === 'string' ? detail : JSON.stringify(detail);
    const { Entries } = this.world.now('events', 'PutEvents', {
      Entries: [{ Source: source, DetailType: detailType, Detail, EventBusName: this.output(bus) }],
    });
    if (Entries[0].ErrorCode) {
      throw new Error(`PutEvents refused ${source}/${detailType}: ${Entries[0].ErrorCode}: ${Entries[0].ErrorMessage}`);
    }
    this.sent.push({ ...event, at: this.now(), eventId: Entries[0].EventId });
  }
}

/** When an event is put, in ms from now: [0] is the ordinary fate, [] leaves it out. */
export interface Fate {
  times: Millis[];
}

/** 'https://sqs.us-east-1.amazonaws.com/123456789012/Name' -> its ARN. */
export function queueArn(url: string): string {
  const { hostname, pathname } = new URL(url);
  const [, account, name] = pathname.split('/');
  return `arn:aws:sqs:${hostname.split('.')[1]}:${account}:${name}`;
}

/** What a property looks at when the app has come to rest. */
export class FinalView extends AppView {
  constructor(
    world: VirtualWorld,
    /** What was published from outside, refused and left-out events excepted. */
    readonly sent: readonly Sent[],
    /** When the first event could be published, in epoch milliseconds. */
    readonly startedMs: Millis,
    /** When the last fault was over: what is late after that has no excuse. */
    readonly healedMs: Millis,
    /** What threw inside a local service: always a bug of Baton. */
    readonly bugs: readonly { service: string; operation: string; error: unknown }[],
  ) {
    super(world);
  }
}

/** A promise of the app. */
export interface Property {
  name: string;
  /** The promise, in one sentence. */
  says: string;
  /** What breaks it, one sentence each with its values; business ids in 'quotes' select the timeline that is shown. */
  check(view: FinalView): string[];
}
