import type { Crossing, FaultDecision, Faults } from '../../../lib/local/ports';
import { bundled, codeDir, json, sandbox } from './support';

const putter = bundled(`
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
const table = new DynamoDBClient({});
const bus = new EventBridgeClient({});
let memory = 0;
export const handler = async () => {
  memory++;
  const before = Date.now();
  await table.send(new PutItemCommand({ TableName: 'records', Item: { id: { S: 'a' } } }));
  const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 'T', Detail: '{}' }] }));
  return { memory, failed: FailedEntryCount, took: Date.now() - before };
};`);

/** Strikes where \`at\` says, once. */
function once(at: (crossing: Crossing) => boolean, decision: FaultDecision): Faults {
  let struck = false;
  return {
    decide(crossing) {
      if (struck || !at(crossing)) return undefined;
      struck = true;
      return decision;
    },
  };
}

const onPutItem = (crossing: Crossing): boolean => crossing.at === 'sdk' && crossing.operation === 'PutItem';
const transport = async () => json(200, { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] });

test('a crossing names service, operation, index and input', async () => {
  const seen: Crossing[] = [];
  const faults: Faults = {
    decide(crossing) {
      seen.push(crossing);
      return undefined;
    },
  };
  await sandbox({ faults, transport }).invoke(putter, {});
  expect(seen).toMatchObject([
    { at: 'invoke', functionName: 'greet', input: '{}' },
    { at: 'sdk', index: 0, service: 'dynamodb', operation: 'PutItem', input: { TableName: 'records' } },
    { at: 'sdk', index: 1, service: 'events', operation: 'PutEvents', input: { Entries: [{ Source: 's' }] } },
  ]);
});

test('crash-before: the call never happened, memory is lost, the next environment is new', async () => {
  const box = sandbox({ transport, faults: once(onPutItem, { do: 'crash-before' }) });
  const end = await box.invoke(putter, {});
  expect(end).toMatchObject({ functionError: 'Crash', reusable: false, json: { errorType: 'Runtime.ExitError' } });
  expect(box.requests).toEqual([]);
  expect((await box.invoke(putter, {}, { environmentId: 'greet/2' })).json.memory).toBe(1);
});

test('crash-after: the call took effect, and nothing more of the function happens', async () => {
  const box = sandbox({ transport, faults: once(onPutItem, { do: 'crash-after' }) });
  const end = await box.invoke(putter, {});
  expect(end.functionError).toBe('Crash');
  await box.time.run({ untilMs: box.time.now() + 60_000 });
  expect(box.requests.map(({ headers }) => headers['x-amz-target'])).toEqual(['DynamoDB_20120810.PutItem']);
});

test('crash-after with a time: the function is gone at once, and the call takes effect then', async () => {
  const box = sandbox({ transport, faults: once(onPutItem, { do: 'crash-after', laterMs: 90_000 }) });
  const startedMs = box.time.now();
  const end = await box.invoke(putter, {});
  expect(end.functionError).toBe('Crash');
  await box.time.run({ untilMs: startedMs + 89_000 });
  expect(box.requests).toEqual([]);
  await box.time.run({ untilMs: startedMs + 91_000 });
  expect(box.requests.map(({ headers }) => headers['x-amz-target'])).toEqual(['DynamoDB_20120810.PutItem']);
});

test('fail-before: a throttle has its name and is tried again by the SDK, in virtual time', async () => {
  const fault = { do: 'fail-before', error: 'ProvisionedThroughputExceededException' } as const;
  const box = sandbox({ transport, faults: once(onPutItem, fault) });
  const end = await box.invoke(putter, {});
  expect(end.functionError).toBeUndefined();
  expect(box.requests).toHaveLength(2);
});

test('a broken connection has no frame of the process: a trace would tell who made it', async () => {
  const fault = { do: 'fail-before', error: 'network' } as const;
  const always: Faults = { decide: (crossing) => (onPutItem(crossing) ? fault : undefined) };
  const end = await sandbox({ transport, faults: always }).invoke(putter, {});
  expect(end.json.trace.join('\n')).toMatch(/ECONNRESET/);
  expect(end.json.trace.join('\n')).not.toMatch(/sdk-leg|virtual-time|test\//);
});

test('fail-before with an error that is not tried again reaches the handler by name', async () => {
  const fault = { do: 'fail-before', error: 'ResourceNotFoundException', message: 'no table' } as const;
  const end = await sandbox({ transport, faults: once(onPutItem, fault) }).invoke(putter, {});
  expect(end).toMatchObject({ functionError: 'Unhandled', reusable: true });
  expect(end.json).toMatchObject({ errorType: 'ResourceNotFoundException', errorMessage: 'no table' });
});

test('fail-after with a broken network: done, and done again', async () => {
  const box = sandbox({ transport, faults: once(onPutItem, { do: 'fail-after', error: 'network' }) });
  const end = await box.invoke(putter, {});
  expect(end.functionError).toBeUndefined();
  expect(box.requests.map(({ headers }) => headers['x-amz-target']!.split('.')[1])).toEqual([
    'PutItem',
    'PutItem',
    'PutEvents',
  ]);
});

test('lose: neither the call nor an answer; the function runs into its timeout', async () => {
  const box = sandbox({ transport, faults: once(onPutItem, { do: 'lose' }) });
  const before = box.time.now();
  const end = await box.invoke(putter, {});
  expect(end).toMatchObject({ functionError: 'Timeout', reusable: false });
  expect(end.json.errorMessage).toMatch(/^2026-11-24T09:00:03\.000Z \S+ Task timed out after 3\.00 seconds$/);
  expect(box.time.now() - before).toBe(3000);
  expect(box.requests).toEqual([]);
});

test('later and twice', async () => {
  const late = await sandbox({ transport, faults: once(onPutItem, { do: 'later', laterMs: 1000 }) }).invoke(putter, {});
  expect(late.json.took).toBeGreaterThanOrEqual(1000);
  const box = sandbox({ transport, faults: once(onPutItem, { do: 'twice', laterMs: 5 }) });
  await box.invoke(putter, {});
  await box.time.run({ untilMs: box.time.now() + 1000 });
  expect(box.requests).toHaveLength(3);
});

test('rewrite-input changes what is sent, and the answer', async () => {
  const box = sandbox({
    transport,
    faults: once((crossing) => crossing.at === 'sdk' && crossing.operation === 'PutEvents', {
      do: 'rewrite-input',
      rewrite: (input) => ({ ...input, Entries: [{ ...input.Entries[0], Source: 'other' }] }),
      rewriteReply: (output) => ({ ...output, FailedEntryCount: 7 }),
    }),
  });
  expect((await box.invoke(putter, {})).json.failed).toBe(7);
  expect(JSON.parse(box.requests[1]!.body.toString()).Entries[0].Source).toBe('other');
});

describe('at the start of a function', () => {
  const folder = codeDir({ 'index.js': 'exports.handler = async () => Date.now();' });
  const atInvoke = (crossing: Crossing): boolean => crossing.at === 'invoke';

  test('crash-before: no code runs', async () => {
    const end = await sandbox({ faults: once(atInvoke, { do: 'crash-before' }) }).invoke(folder, {});
    expect(end).toMatchObject({ functionError: 'Crash', reusable: false });
  });
  test('timeout: no code runs, and the time is over', async () => {
    const box = sandbox({ faults: once(atInvoke, { do: 'timeout' }) });
    const before = box.time.now();
    expect(await box.invoke(folder, {})).toMatchObject({ functionError: 'Timeout' });
    expect(box.time.now() - before).toBe(3000);
  });
  test('later: the code starts later', async () => {
    const box = sandbox({ faults: once(atInvoke, { do: 'later', laterMs: 500 }) });
    const before = box.time.now();
    expect((await box.invoke(folder, {})).json).toBe(before + 500);
  });
});
