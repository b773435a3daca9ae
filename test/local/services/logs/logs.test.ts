import { seededRandom } from '../../../../lib/local/random';
import { createLogsService, resourceTypes } from '../../../../lib/local/services/logs';
import type { Effect, Json } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

const now = Date.UTC(2026, 0, 31);
const day = 86_400_000;

function logs() {
  const service = restoring(() =>
    createLogsService({
      account: '123456789012',
      region: 'eu-central-1',
      endpoint: 'http://aws.local',
      random: seededRandom('test'),
    }),
  );
  const effects: Effect[] = [];
  const ask = (operation: string, input: Json = {}, at = now): Json => {
    const outcome = service.apply(at, { operation, input, requestId: 'r' });
    effects.push(...(outcome.effects ?? []));
    if (outcome.reply?.error) throw new Error(`${outcome.reply.error.name}: ${outcome.reply.error.message}`);
    return outcome.reply?.output;
  };
  return { ask, effects };
}

function withStream(): ReturnType<typeof logs> {
  const made = logs();
  made.ask('CreateLogGroup', { logGroupName: '/app/a' });
  made.ask('CreateLogStream', { logGroupName: '/app/a', logStreamName: 's' });
  return made;
}

const put = (messages: [number, string][]) => ({
  logGroupName: '/app/a',
  logStreamName: 's',
  logEvents: messages.map(([timestamp, message]) => ({ timestamp, message })),
});
const messages = (answer: Json): string[] => answer.events.map(({ message }: Json) => message);

describe('groups and streams', () => {
  test('are made, shown and deleted', () => {
    const { ask } = withStream();
    ask('CreateLogGroup', { logGroupName: '/app/b', tags: { k: 'v' } });
    ask('PutRetentionPolicy', { logGroupName: '/app/b', retentionInDays: 7 });
    const shown = (name: string) => ask('DescribeLogGroups', { logGroupNamePrefix: name }).logGroups;
    expect(shown('/app').map(({ logGroupName }: Json) => logGroupName)).toEqual(['/app/a', '/app/b']);
    expect(shown('/app/b')).toEqual([
      {
        logGroupName: '/app/b',
        creationTime: now,
        retentionInDays: 7,
        metricFilterCount: 0,
        arn: 'arn:aws:logs:eu-central-1:123456789012:log-group:/app/b:*',
        logGroupArn: 'arn:aws:logs:eu-central-1:123456789012:log-group:/app/b',
        storedBytes: 0,
        logGroupClass: 'STANDARD',
      },
    ]);
    const resourceArn = 'arn:aws:logs:eu-central-1:123456789012:log-group:/app/b';
    expect(ask('ListTagsForResource', { resourceArn })).toEqual({ tags: { k: 'v' } });
    ask('DeleteLogGroup', { logGroupName: '/app/b' });
    expect(shown('/app/b')).toEqual([]);
  });

  test('streams know when they were written, and are listed by that on request', () => {
    const { ask } = withStream();
    ask('CreateLogStream', { logGroupName: '/app/a', logStreamName: 'a-silent-one' });
    ask(
      'PutLogEvents',
      put([
        [now - 5, 'x'],
        [now - 3, 'y'],
      ]),
    );
    const streams = (more: Json = {}) => ask('DescribeLogStreams', { logGroupName: '/app/a', ...more }).logStreams;
    expect(streams()[1]).toMatchObject({
      logStreamName: 's',
      firstEventTimestamp: now - 5,
      lastEventTimestamp: now - 3,
      lastIngestionTime: now,
    });
    expect(
      streams({ orderBy: 'LastEventTime', descending: true }).map(({ logStreamName }: Json) => logStreamName),
    ).toEqual(['s', 'a-silent-one']);
  });

  // Source: texts as recorded from AWS.
  test.each<[string, Json, string]>([
    [
      'CreateLogGroup',
      { logGroupName: '/app/a' },
      'ResourceAlreadyExistsException: The specified log group already exists',
    ],
    [
      'CreateLogStream',
      { logGroupName: '/app/a', logStreamName: 's' },
      'ResourceAlreadyExistsException: The specified log stream already exists',
    ],
    [
      'GetLogEvents',
      { logGroupName: 'x', logStreamName: 's' },
      'ResourceNotFoundException: The specified log group does not exist.',
    ],
    [
      'GetLogEvents',
      { logGroupName: '/app/a', logStreamName: 'x' },
      'ResourceNotFoundException: The specified log stream does not exist.',
    ],
    [
      'GetLogEvents',
      { logGroupName: '/app/a', logStreamName: 's', nextToken: 'bad' },
      'InvalidParameterException: The specified nextToken is invalid.',
    ],
    [
      'GetLogEvents',
      { logGroupName: '/app/a', logStreamName: 's', limit: 10_001 },
      "Value '10001' at 'limit' failed to satisfy constraint",
    ],
    [
      'PutLogEvents',
      put([
        [2, 'b'],
        [1, 'a'],
      ]),
      'Log events in a single PutLogEvents request must be in chronological order.',
    ],
    ['PutRetentionPolicy', { logGroupName: '/app/a', retentionInDays: 2 }, 'retentionInDays is 2; allowed: 1, 3, 5,'],
    [
      'FilterLogEvents',
      { logGroupName: '/app/a', filterPattern: '{ $.a = 1 }' },
      'is not modelled by the local runtime',
    ],
    [
      'FilterLogEvents',
      { logGroupName: '/app/a', filterPattern: 'error -warn' },
      'is not modelled by the local runtime',
    ],
    [
      'StartQuery',
      {},
      "UnknownOperationException: CloudWatch Logs' StartQuery is not modelled by the local runtime; modelled: CreateLogGroup, ",
    ],
  ])('%s %j is refused', (operation, input, message) => {
    expect(() => withStream().ask(operation, input)).toThrow(message);
  });
});

describe('events', () => {
  test('are read from the head or the tail, page by page, until a token repeats', () => {
    const { ask } = withStream();
    ask('PutLogEvents', put([1, 2, 3, 4, 5].map((n) => [now + n, `m${n}`])));
    const read = (more: Json) => ask('GetLogEvents', { logGroupName: '/app/a', logStreamName: 's', limit: 2, ...more });
    expect(messages(read({}))).toEqual(['m4', 'm5']);
    expect(messages(read({ nextToken: read({}).nextBackwardToken }))).toEqual(['m2', 'm3']);
    const pages: string[][] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page: Json = read({ startFromHead: true, nextToken });
      if (page.nextForwardToken === nextToken) break;
      pages.push(messages(page));
      nextToken = page.nextForwardToken;
    }
    expect(pages).toEqual([['m1', 'm2'], ['m3', 'm4'], ['m5']]);
    expect(messages(read({ startTime: now + 2, endTime: now + 4, startFromHead: true }))).toEqual(['m2', 'm3']);
  });

  test('are found by terms and phrases that the message holds', () => {
    const { ask } = withStream();
    ask(
      'PutLogEvents',
      put([
        [now, 'ERROR no slot'],
        [now, 'ERROR slot no'],
        [now, 'info'],
      ]),
    );
    const found = (filterPattern?: string) =>
      messages(ask('FilterLogEvents', { logGroupName: '/app/a', filterPattern }));
    expect(found()).toHaveLength(3);
    expect(found('slot ERROR')).toEqual(['ERROR no slot', 'ERROR slot no']);
    expect(found('"no slot"')).toEqual(['ERROR no slot']);
    expect(found('error')).toEqual([]);
  });

  test('leave after the days of retention', () => {
    const { ask } = withStream();
    ask('PutRetentionPolicy', { logGroupName: '/app/a', retentionInDays: 1 });
    ask(
      'PutLogEvents',
      put([
        [now, 'old'],
        [now + 1, 'young'],
      ]),
    );
    expect(messages(ask('FilterLogEvents', { logGroupName: '/app/a' }, now + 1 + day))).toEqual(['young']);
  });

  test('a group keeps its newest 10,000', () => {
    const { ask } = withStream();
    for (let block = 0; block < 3; block++) {
      ask('PutLogEvents', put(Array.from({ length: 10_000 }, (_, index) => [now, `${block}-${index}`])));
    }
    ask('PutLogEvents', put([[now, 'last']]));
    const kept = messages(ask('FilterLogEvents', { logGroupName: '/app/a' }));
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([10_000, '2-1', 'last']);
  });

  test('$append makes group and stream; metrics inside of lines go to CloudWatch', () => {
    const { ask, effects } = logs();
    const line = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]}}';
    ask('$append', { logGroupName: '/new', logStreamName: 'x', messages: ['plain', line] });
    expect(messages(ask('GetLogEvents', { logGroupName: '/new', logStreamName: 'x' }))).toEqual(['plain', line]);
    expect(effects).toEqual([{ kind: 'call', to: 'cloudwatch', operation: '$emf', input: { logGroup: '/new', line } }]);
  });
});

test('AWS::Logs::LogGroup becomes a group with its retention', () => {
  const context = {
    stackName: 'Stack',
    logicalId: 'Logs',
    account: '123456789012',
    region: 'eu-central-1',
    endpoint: '',
    property: () => undefined,
    uniqueName: () => 'Stack-Logs-1',
  };
  const type = resourceTypes['AWS::Logs::LogGroup']!;
  const identity = type.identify(context);
  expect(identity).toEqual({
    ref: 'Stack-Logs-1',
    attributes: { Arn: 'arn:aws:logs:eu-central-1:123456789012:log-group:Stack-Logs-1:*' },
  });
  const { ask } = logs();
  for (const { service, operation, input } of type.create({
    ...context,
    constructPath: 'Stack/Logs',
    identity,
    props: { RetentionInDays: '30', Tags: [{ Key: 'k', Value: 'v' }] },
    assetDir: () => undefined,
  })) {
    expect(service).toBe('logs');
    ask(operation, input);
  }
  expect(ask('DescribeLogGroups').logGroups).toMatchObject([{ logGroupName: 'Stack-Logs-1', retentionInDays: 30 }]);
});
