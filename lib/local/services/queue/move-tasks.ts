/**
 * Message move tasks: dead letters go back, at a limited rate.
 *
 * 1. The source is the dead-letter queue of a queue; one task a source runs at a time (source: API StartMessageMoveTask).
 * 2. Without a destination, each message goes to the queue it came from.
 * 3. A moved message is new in its queue: new id, new enqueue time, receive count 0.
 * 4. A task ends when it moved as many as were there when it began, or when none is left.
 * Without a rate, AWS chooses one; here it is its maximum, 500 a second.
 */
import type { Millis, Random } from '../../ports';
import type { Json } from '../service';
import { invalidParameter, invalidValue, missing, resourceNotFound, simpleQueueError } from './errors';
import type { Queue } from './queue';
import type { Registry } from './registry';

const fastestPerSecond = 500;
const tasksListed = 10;

interface Task {
  handle: string;
  source: Queue;
  destinationArn?: string;
  perSecond?: number;
  startedMs: Millis;
  toMove: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  failure?: string;
}

export class MoveTasks {
  /** The newest last. */
  private readonly tasks: Task[] = [];

  constructor(
    private readonly registry: Registry,
    private readonly random: Random,
  ) {}

  start(now: Millis, input: Json): Json {
    const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: perSecond } = input;
    if (!SourceArn) throw missing('SourceArn');
    const source = this.source(SourceArn);
    if (DestinationArn && !this.registry.byArn(DestinationArn)) {
      throw resourceNotFound("The resource that you specified for the DestinationArn parameter doesn't exist.");
    }
    if (this.registry.sourcesOf(SourceArn).length === 0) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    if (perSecond !== undefined && !(Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= fastestPerSecond)) {
      throw invalidValue('MaxNumberOfMessagesPerSecond', perSecond, `Must be between 1 and ${fastestPerSecond}.`);
    }
    if (this.running(source)) {
      throw invalidParameter(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const taskId = this.random.uuid();
    const handle = Buffer.from(JSON.stringify({ taskId, sourceArn: SourceArn })).toString('base64');
    const { visible } = source.counts;
    this.tasks.push({
      handle,
      source,
      destinationArn: DestinationArn,
      perSecond,
      startedMs: now,
      toMove: visible,
      moved: 0,
      status: visible > 0 ? 'RUNNING' : 'COMPLETED',
    });
    return { TaskHandle: handle };
  }

  list(input: Json): Json {
    if (!input.SourceArn) throw missing('SourceArn');
    const max = input.MaxResults ?? 1;
    if (!(Number.isInteger(max) && max >= 1 && max <= tasksListed)) {
      throw invalidValue('MaxResults', max, `Must be between 1 and ${tasksListed}.`);
    }
    const source = this.source(input.SourceArn);
    const found = this.tasks.filter((task) => task.source === source).slice(-max);
    return { Results: found.reverse().map(render) };
  }

  cancel(input: Json): Json {
    if (!input.TaskHandle) throw missing('TaskHandle');
    const task = this.tasks.find(({ handle }) => handle === input.TaskHandle);
    if (!task) throw resourceNotFound("The task handle doesn't exist.");
    if (task.status !== 'RUNNING') {
      throw simpleQueueError(
        'UnsupportedOperation',
        `Only a running task can be cancelled; this one is ${task.status}.`,
      );
    }
    task.status = 'CANCELLED';
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }

  /** Moves what is due. `touched` hears of every queue that a message entered. */
  advance(now: Millis, touched: (queue: Queue) => void): void {
    for (const task of this.tasks) {
      while (task.status === 'RUNNING' && dueMs(task) <= now) this.moveOne(now, task, touched);
    }
  }

  nextMs(): Millis | undefined {
    let next: Millis | undefined;
    for (const task of this.tasks) {
      if (task.status === 'RUNNING') next = Math.min(next ?? Number.POSITIVE_INFINITY, dueMs(task));
    }
    return next;
  }

  private moveOne(now: Millis, task: Task, touched: (queue: Queue) => void): void {
    const message = task.source.takeOne();
    if (!message) {
      task.status = 'COMPLETED';
      return;
    }
    const arn = task.destinationArn ?? message.deadLetterSource;
    const destination = arn === undefined ? undefined : this.registry.byArn(arn);
    if (!destination) {
      // Back where it was, with all it had.
      task.source.add(now, message, message.id, 0, message);
      task.status = 'FAILED';
      task.failure = arn === undefined ? 'CouldNotDetermineMessageSource' : 'AWS.SimpleQueueService.NonExistentQueue';
      return;
    }
    destination.add(now, message, this.random.uuid(), destination.duration('DelaySeconds'));
    touched(destination);
    task.moved++;
    if (task.moved >= task.toMove) task.status = 'COMPLETED';
  }

  private source(arn: string): Queue {
    const source = this.registry.byArn(arn);
    if (!source) throw resourceNotFound("The resource that you specified for the SourceArn parameter doesn't exist.");
    return source;
  }

  private running(source: Queue): boolean {
    return this.tasks.some((task) => task.source === source && task.status === 'RUNNING');
  }
}

const dueMs = (task: Task): Millis =>
  task.startedMs + Math.ceil(((task.moved + 1) * 1000) / (task.perSecond ?? fastestPerSecond));

function render(task: Task): Json {
  return {
    // Source: API ListMessageMoveTasks: only a running task shows its handle.
    ...(task.status === 'RUNNING' ? { TaskHandle: task.handle } : {}),
    Status: task.status,
    SourceArn: task.source.naming.arn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.perSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failure,
    StartedTimestamp: task.startedMs,
  };
}
