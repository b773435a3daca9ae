/** What the log says in every line, what it never says, and what is counted. */
import { consume } from '../../../lambdas/shared/consume';
import { createLog, described } from '../../../lambdas/shared/log';
import { awsError, FakeAws, messageOf, rawMessage } from './fake-aws';
import { Asked, Counter, count, countUp } from './fixtures';

let aws: FakeAws;
let written: any[];
const before = { ...process.env };
beforeEach(() => {
  aws = new FakeAws();
  written = [];
  // Powertools' switch for tests: the global console instead of one of its own.
  Object.assign(process.env, {
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POWERTOOLS_METRICS_DISABLED: 'false',
  });
  for (const method of ['info', 'warn', 'error', 'log'] as const) {
    jest.spyOn(console, method).mockImplementation((...line: any[]) => {
      written.push(JSON.parse(line[0]));
    });
  }
});
afterEach(() => {
  aws.restore();
  jest.restoreAllMocks();
  process.env = { ...before };
});

const build = () => consume(countUp, { read: ({ data }) => ({ counter: Counter.key(data.counterId) }), decide: count });
const asked = (id: string) =>
  messageOf(Asked, { counterId: 'c', limit: 3 }, { id, time: '2026-11-24T08:00:00Z', correlation: 'co', cause: 'ca' });
const lines = () => written.filter((line) => line.message);
const counts = () => {
  const blob = written.find((line) => line._aws);
  const names: string[] = blob?._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: any) => Name) ?? [];
  return { service: blob?.service, ...Object.fromEntries(names.map((name) => [name, blob[name]])) };
};

test('every line of an event says consumer, event, correlation, cause and key', async () => {
  await aws.invoke(build(), [asked('e1'), asked('e1')]);
  expect(lines().map(({ message }) => message)).toEqual(['handled', 'handled before']);
  for (const line of lines()) {
    expect(line).toMatchObject({ consumer: 'test/count-up', eventId: 'e1', correlation: 'co', cause: 'ca', key: 'c' });
  }
  expect(lines()[0]).toMatchObject({ wrote: ['counter'], emitted: [{ type: 'Counted' }] });
});

test('what happened is counted, by consumer', async () => {
  let conflict = true;
  aws.fault = ({ name }) => {
    if (name !== 'TransactWriteItems' || !conflict) return undefined;
    conflict = false;
    throw awsError('TransactionCanceledException', { CancellationReasons: [{ Code: 'TransactionConflict' }] });
  };
  await aws.invoke(build(), [asked('e1'), asked('e1'), rawMessage('{')]);
  expect(counts()).toEqual({ service: 'test/count-up', Handled: 1, Duplicate: 1, Rejected: 1, Conflict: 1 });
});

test('a saga that tells of a step that waits for a person is counted once, whoever tells it again', async () => {
  const reply = { saga: 'a/b', execution: 'c', step: 'park', token: 't1', askedAt: '2026-11-24T08:00:00Z' };
  const told = (id: string, step: string, token: string) =>
    messageOf(
      Asked,
      { counterId: 'c', limit: 3 },
      { id, time: '2026-11-24T08:00:00Z', reply: { ...reply, step, token } },
    );
  await aws.invoke(build(), [told('e1', 'park', 't1'), told('e1', 'park', 't2'), told('e2', 'undo count', 't3')]);
  expect(counts()).toMatchObject({ Handled: 2, Duplicate: 1, SagaParked: 1 });
});

test('what could not be published is counted', async () => {
  aws.fault = ({ name }) => {
    if (name === 'PutEvents') throw awsError('AccessDeniedException');
    return undefined;
  };
  await aws.invoke(build(), [asked('e1')]);
  expect(counts()).toMatchObject({ Handled: 1, Unpaid: 1 });
});

test('secrets are not logged, wherever they are', () => {
  createLog('test').info('x', {
    paymentToken: 'tok_visa',
    request: { headers: { authorization: 'Bearer abc' }, apiKey: 'k', list: [{ clientSecret: 's' }] },
  });
  const text = JSON.stringify(written);
  for (const value of ['tok_visa', 'Bearer', '"k"', '"s"']) expect(text).not.toContain(value);
  expect(text).toContain('<redacted>');
});

test('an error that is no instance of Error is described all the same', () => {
  expect(described({ name: 'ThrottlingException', message: 'slow down', cause: { name: 'E', message: 'm' } })).toEqual({
    errorName: 'ThrottlingException',
    error: 'slow down',
    becauseOf: 'E: m',
  });
  expect(described('just text')).toEqual({ errorName: 'Error', error: 'just text' });
});
