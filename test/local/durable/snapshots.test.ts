/** Snapshots: of whom they are, what they bound, and what is said where there is none. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Graph } from '../../../lib/local/durable/graph';
import { Track } from '../../../lib/local/durable/track';
import { seededRandom } from '../../../lib/local/random';
import { createQueueService } from '../../../lib/local/services/queue';
import type { Service } from '../../../lib/local/services/service';
import { restoring } from '../../support/restoring';
import { account, begin, type Durable, endpoint, newFolder, urlOf } from './support';

const root = join(__dirname, '..', '..', '..');
const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test("every service with a state has tests in which it is written down and read every few acts ('restoring')", () => {
  const index = readFileSync(join(root, 'lib/local/services/index.ts'), 'utf8');
  const makers = [...index.matchAll(/(create\w+Service)\(forked\('(\w+)'\)/g)].map(([, maker, name]) => ({
    maker,
    name,
  }));
  expect(makers.length).toBeGreaterThan(10);
  const tests = filesIn(join(root, 'test/local/services')).map((file) => readFileSync(file, 'utf8'));
  const stateless = ['sts', 'cloudformation'];
  const uncovered = makers.filter(
    ({ maker, name }) =>
      !stateless.includes(name!) &&
      !tests.some((text) => new RegExp(`restoring\\(\\(\\) =>\\s*${maker}\\(`).test(text)),
  );
  // Remedy: let the tests of the service run on `restoring(() => create...Service(...))` of test/support/restoring.ts.
  expect(uncovered).toEqual([]);
});

/** A service whose state is `state`. */
class Keeper implements Service {
  readonly name = 'sqs';
  state: any = {};
  private readonly add = (value: unknown): void => {
    this.state.added = value;
  };
  apply() {
    return {};
  }
  wake() {
    return {};
  }
  act(value: unknown): void {
    this.add(value);
  }
}

function copied(state: unknown): Keeper {
  const from = new Keeper();
  const written = new Graph(from);
  from.state = state;
  const to = new Keeper();
  new Graph(to).read(written.write());
  return Object.assign(to, { graphOf: undefined });
}

test('what is shared stays shared, what goes in circles does, and functions know the new service', () => {
  const shared = { n: 1 };
  const circle: any = { shared };
  circle.self = circle;
  const to = copied({
    list: [shared, circle],
    map: new Map([[shared, new Set([circle])]]),
    at: new Date(7),
    none: undefined,
  });
  const { list, map } = to.state;
  expect(list[1].self).toBe(list[1]);
  expect(list[1].shared).toBe(list[0]);
  expect([...map.keys()][0]).toBe(list[0]);
  expect([...map.get(list[0])][0]).toBe(list[1]);
  expect(to.state.at.getTime()).toBe(7);
  expect(Object.keys(to.state)).toEqual(['list', 'map', 'at', 'none']);
  to.act('after');
  expect(to.state.added).toBe('after');
});

test('data may have any names, and lists may have holes', () => {
  const state = JSON.parse('{"__proto__":{"a":1},"\\u0000":"x","constructor":{"name":"y"},"b":{"\\u0000z":[]}}');
  const holes = [1, 2, 3];
  delete holes[1];
  const to = copied({ state, holes });
  expect(Object.keys(to.state.state)).toEqual(['__proto__', '\u0000', 'constructor', 'b']);
  expect(JSON.stringify(to.state.state)).toBe(JSON.stringify(state));
  expect(1 in to.state.holes).toBe(false);
  expect(to.state.holes).toHaveLength(3);
});

test.each([
  ['a function', { later: () => 1 }, 'sqs.state.later is a function that came later than its service'],
  ['an unknown class', { a: [new (class Ship {})()] }, 'sqs.state.a[0] is of the class Ship'],
  ['a generator', { g: (function* () {})() }, 'sqs.state.g is of the class'],
  ['a promise', new Map([['p', Promise.resolve()]]), 'sqs.state.get() is of the class Promise'],
])('what cannot be kept is refused with its path: %s', (_what, state, sentence) => {
  expect(() => copied(state)).toThrow(sentence);
});

test('a service that hides its state in closures is refused', () => {
  const service: Service = { name: 'sns', apply: () => ({}), wake: () => ({}) };
  expect(() => new Graph(service).write()).toThrow("sns is neither an instance of a class nor shows its 'state'");
});

test('chance goes on where it was: no id comes twice, and all come as without a snapshot', () => {
  const make = (): Service =>
    createQueueService({ account, region: 'us-east-1', endpoint, random: seededRandom('ids') });
  const idsOf = (service: Service): string[] => {
    const ask = (operation: string, input: object) =>
      service.apply(0, { operation, input, requestId: 'r' }).reply!.output;
    ask('CreateQueue', { QueueName: 'q' });
    return Array.from({ length: 9 }, () => ask('SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'm' }).MessageId);
  };
  const ids = idsOf(restoring(make));
  expect(new Set(ids).size).toBe(9);
  expect(ids).toEqual(idsOf(make()));
});

test('what was answered later is open no more', () => {
  const track = new Track();
  const request = { operation: 'ReceiveMessage', input: {}, requestId: 'r1' };
  track.acts({ now: 0, request, asker: 'outside' });
  track.came({}, 'r1');
  expect([...track.open.waiting]).toEqual([['r1', 'outside']]);
  track.acts({ now: 1, request: { operation: 'SendMessage', input: {}, requestId: 'r2' }, asker: 'outside' });
  track.came({ reply: { output: {} }, effects: [{ kind: 'reply', requestId: 'r1', reply: { output: {} } }] }, 'r2');
  expect([...track.open.waiting]).toEqual([]);
});

test('the journal begins anew after a snapshot, so that neither folder nor restart grow with what is over', async () => {
  const dir = newFolder();
  const durable = await begin(dir, { compactAtBytes: 20_000 });
  durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
  for (let n = 0; n < 1000; n++) {
    await durable.ask('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: `message ${n} ${'x'.repeat(500)}` });
    if (n === 999) break;
    const { Messages } = durable.now('sqs', 'ReceiveMessage', { QueueUrl: urlOf('q') });
    durable.now('sqs', 'DeleteMessage', { QueueUrl: urlOf('q'), ReceiptHandle: Messages[0].ReceiptHandle });
  }
  await durable.kill();
  const again = await begin(dir, { compactAtBytes: 20_000 });
  expect(again.holds).toEqual([[1, 'message']]);
  // 3000 acts of about 400 bytes were journaled; 20,000 bytes of them may be left.
  expect(again.repeatedActs).toBeLessThan(150);
  expect(again.now('sqs', 'ReceiveMessage', { QueueUrl: urlOf('q') }).Messages[0].Body).toMatch(/^message 999 /);
  await again.kill();
  expect(filesIn(dir).reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(400_000);
});

describe('executions that run', () => {
  const wait = (Seconds: number) => ({ Type: 'Wait', Seconds, End: true });
  const machine = (durable: Durable, states: object): string =>
    durable.now('states', 'CreateStateMachine', {
      name: 'm',
      roleArn: 'arn:aws:iam::123456789012:role/r',
      definition: JSON.stringify(states),
    }).stateMachineArn;
  const shown = (durable: Durable, stateMachineArn: string): unknown =>
    durable
      .now('states', 'ListExecutions', { stateMachineArn })
      .executions.map(({ name, status }: any) => [name, status]);

  test('are made again from what came to them; nothing is left to repeat', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    const stateMachineArn = machine(durable, { StartAt: 'W', States: { W: wait(60) } });
    durable.now('states', 'StartExecution', { stateMachineArn, name: 'e' });
    await durable.stop();
    durable = await begin(dir);
    expect(durable.repeatedActs).toBe(0);
    await durable.pass(60_001);
    expect(shown(durable, stateMachineArn)).toEqual([['e', 'SUCCEEDED']]);
    await durable.kill();
  });

  test('a redriven one is not: the journal stays until it is over', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    const stateMachineArn = machine(durable, {
      StartAt: 'W',
      TimeoutSeconds: 30,
      States: { W: wait(20) },
    });
    const { executionArn } = durable.now('states', 'StartExecution', { stateMachineArn, name: 'e' });
    durable.now('states', 'StopExecution', { executionArn });
    durable.now('states', 'RedriveExecution', { executionArn });
    await durable.stop();
    durable = await begin(dir);
    expect(durable.repeatedActs).toBe(4);
    await durable.pass(20_001);
    expect(shown(durable, stateMachineArn)).toEqual([['e', 'SUCCEEDED']]);
    await durable.stop();
    durable = await begin(dir);
    expect(durable.repeatedActs).toBe(0);
    expect(shown(durable, stateMachineArn)).toEqual([['e', 'SUCCEEDED']]);
    await durable.kill();
  });
});
