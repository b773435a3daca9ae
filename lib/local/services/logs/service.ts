/**
 * Amazon CloudWatch Logs: groups, streams, events, reading by time and by substring.
 *
 * Modelled: the operations below. Filter patterns only as plain terms or one quoted phrase, all of which must be in the
 * message; JSON and space-delimited patterns, subscriptions, metric filters and Insights are refused or only observed.
 * Not modelled: the limits on size and age of events, sequence tokens (AWS ignores them), sharing between accounts.
 *
 * 1. A line in the embedded metric format is handed to CloudWatch, as AWS does.
 * 2. `$append` is how local services and functions write: it makes the group and the stream when they are missing.
 * Source: CloudWatch Logs API reference; texts as recorded from AWS.
 */
import type { Millis } from '../../ports';
import { Refusal, replyOf } from '../refusal';
import type { Effect, Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { type LogEvent, LogGroup, type LogStream } from './store';

const refusal = (name: string, message: string): Refusal => new Refusal({ name, message });
const maxEventsPerPage = 10_000;
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function createLogsService(options: ServiceOptions): Service {
  return new LogsService(options);
}

class LogsService implements Service {
  readonly name = 'logs';
  private readonly groups = new Map<string, LogGroup>();
  private effects: Effect[] = [];

  constructor(private readonly options: ServiceOptions) {}

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    const act = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    const reply = replyOf(() => {
      if (!act)
        throw refusal(
          'UnknownOperationException',
          `CloudWatch Logs' ${operation} is not modelled by the local runtime; modelled: ${Object.keys(this.operations)
            .filter((name) => !name.startsWith('$'))
            .join(', ')}.`,
        );
      return act(now, input ?? {});
    });
    const effects = this.effects;
    this.effects = [];
    return { reply, effects };
  }

  wake(): Outcome {
    return {};
  }

  private readonly operations: Record<string, (now: Millis, input: Json) => Json> = {
    CreateLogGroup: (now, { logGroupName, tags }) => {
      if (this.groups.has(logGroupName))
        throw refusal('ResourceAlreadyExistsException', 'The specified log group already exists');
      const group = this.make(logGroupName, now);
      for (const [key, value] of Object.entries(tags ?? {})) group.tags.set(key, String(value));
      return {};
    },
    DeleteLogGroup: (_now, { logGroupName }) => {
      this.groups.delete(this.group(logGroupName).name);
      return {};
    },
    DescribeLogGroups: (_now, input) => {
      const { logGroupNamePrefix = '', logGroupNamePattern, limit = 50, nextToken } = input;
      const found = [...this.groups.values()]
        .filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern ?? ''))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, next } = slice(found, limit, nextToken);
      return { logGroups: items.map(shownGroup), nextToken: next };
    },
    PutRetentionPolicy: (_now, { logGroupName, retentionInDays }) => {
      if (!retentionDays.includes(retentionInDays)) {
        throw refusal(
          'InvalidParameterException',
          `retentionInDays is ${retentionInDays}; allowed: ${retentionDays.join(', ')}.`,
        );
      }
      this.group(logGroupName).retentionDays = retentionInDays;
      return {};
    },
    DeleteRetentionPolicy: (_now, { logGroupName }) => {
      this.group(logGroupName).retentionDays = undefined;
      return {};
    },
    CreateLogStream: (now, { logGroupName, logStreamName }) => {
      const group = this.group(logGroupName);
      if (group.streams.has(logStreamName))
        throw refusal('ResourceAlreadyExistsException', 'The specified log stream already exists');
      group.stream(logStreamName, now);
      return {};
    },
    DescribeLogStreams: (_now, input) => {
      const group = this.group(input.logGroupName ?? input.logGroupIdentifier);
      const { logStreamNamePrefix = '', orderBy, descending = false, limit = 50, nextToken } = input;
      const sign = descending ? -1 : 1;
      const key = (stream: LogStream): string | number =>
        orderBy === 'LastEventTime' ? (stream.lastMs ?? 0) : stream.name;
      const found = [...group.streams.values()]
        .filter(({ name }) => name.startsWith(logStreamNamePrefix))
        .sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
      const { items, next } = slice(found, limit, nextToken);
      return { logStreams: items.map((stream) => shownStream(group, stream)), nextToken: next };
    },
    PutLogEvents: (now, { logGroupName, logStreamName, logEvents }) => {
      const group = this.group(logGroupName);
      const stream = existing(group, logStreamName);
      const times: number[] = logEvents.map(({ timestamp }: Json) => timestamp);
      if (times.some((time, index) => index > 0 && time < times[index - 1]!)) {
        throw refusal(
          'InvalidParameterException',
          'Log events in a single PutLogEvents request must be in chronological order.',
        );
      }
      for (const { timestamp, message } of logEvents) this.add(now, group, stream, timestamp, message);
      return {};
    },
    /** { logGroupName, logStreamName, messages: string[] }, all of now. */
    $append: (now, { logGroupName, logStreamName, messages }) => {
      const group = this.groups.get(logGroupName) ?? this.make(logGroupName, now);
      const stream = group.stream(logStreamName, now);
      for (const message of messages) this.add(now, group, stream, now, message);
      return {};
    },
    GetLogEvents: (now, input) => {
      const group = this.group(input.logGroupName ?? input.logGroupIdentifier);
      existing(group, input.logStreamName);
      const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = maxEventsPerPage, nextToken } = input;
      if (limit > maxEventsPerPage) throw refusal('InvalidParameterException', limitText(limit));
      const found = group
        .events(now)
        .filter(
          (event) => event.stream === input.logStreamName && event.timestamp >= startTime && event.timestamp < endTime,
        );
      return readPage(found, limit, nextToken, input.startFromHead === true);
    },
    FilterLogEvents: (now, input) => {
      const group = this.group(input.logGroupName ?? input.logGroupIdentifier);
      const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = maxEventsPerPage, nextToken } = input;
      if (limit > maxEventsPerPage) throw refusal('InvalidParameterException', limitText(limit));
      const terms = termsOf(input.filterPattern);
      const streams: string[] | undefined = input.logStreamNames;
      const found = group
        .events(now)
        .filter(
          ({ stream, timestamp, message }) =>
            timestamp >= startTime &&
            timestamp < endTime &&
            (!streams || streams.includes(stream)) &&
            stream.startsWith(input.logStreamNamePrefix ?? '') &&
            terms.every((term) => message.includes(term)),
        );
      const { items, next } = slice(found, limit, nextToken);
      const events = items.map(({ stream, timestamp, message, ingestionTime, sequence }) => ({
        logStreamName: stream,
        timestamp,
        message,
        ingestionTime,
        eventId: String(sequence).padStart(56, '0'),
      }));
      return { events, searchedLogStreams: [], nextToken: next };
    },
    ListTagsForResource: (_now, { resourceArn }) => ({ tags: Object.fromEntries(this.group(resourceArn).tags) }),
    TagResource: (_now, { resourceArn, tags }) => {
      for (const [key, value] of Object.entries(tags)) this.group(resourceArn).tags.set(key, String(value));
      return {};
    },
  };

  private add(now: Millis, group: LogGroup, stream: LogStream, timestamp: Millis, message: string): void {
    group.add(now, stream, timestamp, message);
    if (message.includes('"_aws"')) {
      this.effects.push({
        kind: 'call',
        to: 'cloudwatch',
        operation: '$emf',
        input: { logGroup: group.name, line: message },
      });
    }
  }

  private make(name: string, now: Millis): LogGroup {
    const { region, account } = this.options;
    const group = new LogGroup(name, `arn:aws:logs:${region}:${account}:log-group:${name}`, now);
    this.groups.set(name, group);
    return group;
  }

  /** By name or ARN. */
  private group(nameOrArn: string): LogGroup {
    const name = String(nameOrArn)
      .replace(/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/, '')
      .replace(/:\*$/, '');
    const group = this.groups.get(name);
    if (!group) throw refusal('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }
}

function existing(group: LogGroup, name: string): LogStream {
  const stream = group.streams.get(name);
  if (!stream) throw refusal('ResourceNotFoundException', 'The specified log stream does not exist.');
  return stream;
}

const limitText = (limit: number): string =>
  `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: ` +
  `Member must have value less than or equal to ${maxEventsPerPage}`;

/** Plain terms and quoted phrases, all of which a message must contain. Source: User Guide, "Filter pattern syntax". */
function termsOf(pattern: string | undefined): string[] {
  const text = pattern?.trim() ?? '';
  if (/^[{[%]|(^|\s)[-?]/.test(text)) {
    throw refusal(
      'InvalidParameterException',
      `The filter pattern ${text} is not modelled by the local runtime; modelled: terms and "quoted phrases" that a ` +
        'message must contain.',
    );
  }
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(
    ([term, phrase]) => phrase?.replace(/\\(.)/g, '$1') ?? term,
  );
}

function slice<T>(items: T[], limit: number, token: string | undefined): { items: T[]; next?: string } {
  const from = Number(token ?? 0);
  const end = from + limit;
  return { items: items.slice(from, end), next: end < items.length ? String(end) : undefined };
}

/** Tokens are 'f/<position>' and 'b/<position>': the page after, and the page before, that position. */
function readPage(found: LogEvent[], limit: number, token: string | undefined, fromHead: boolean): Json {
  const [, direction, position] = token === undefined ? [] : (/^([fb])\/(\d+)$/.exec(token) ?? []);
  if (token !== undefined && !direction)
    throw refusal('InvalidParameterException', 'The specified nextToken is invalid.');
  let from = fromHead ? 0 : Math.max(0, found.length - limit);
  if (direction === 'f') from = Number(position);
  if (direction === 'b') from = Math.max(0, Number(position) - limit);
  const end = direction === 'b' ? Number(position) : from + limit;
  const events = found.slice(from, end);
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${Math.min(found.length, from + events.length)}`,
    nextBackwardToken: `b/${from}`,
  };
}

const shownGroup = (group: LogGroup): Json => ({
  logGroupName: group.name,
  creationTime: group.createdMs,
  retentionInDays: group.retentionDays,
  metricFilterCount: 0,
  arn: `${group.arn}:*`,
  logGroupArn: group.arn,
  storedBytes: group.bytes(),
  logGroupClass: 'STANDARD',
});

const shownStream = (group: LogGroup, stream: LogStream): Json => ({
  logStreamName: stream.name,
  creationTime: stream.createdMs,
  firstEventTimestamp: stream.firstMs,
  lastEventTimestamp: stream.lastMs,
  lastIngestionTime: stream.lastIngestionMs,
  arn: `${group.arn}:log-stream:${stream.name}`,
});
