/** The command line as a user types it: one local run in a process of its own, and commands against it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemblyDir } from '../support/assembly';

const baton = join(__dirname, '..', '..', 'bin', 'baton.cjs');
const environment = { ...process.env, NO_COLOR: '1', AWS_ENDPOINT_URL: undefined };
let port: number;
let local: Started;

function run(args: string[], input?: string): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [baton, ...args], {
    input,
    encoding: 'utf8',
    env: environment,
  });
  return { status, out: stdout, err: stderr };
}
const here = (): string[] => ['--port', String(port)];

interface Started {
  process: ChildProcess;
  port: number;
  said(): string;
}

/** `baton local`, when it has said that it stays up. */
function start(...more: string[]): Promise<Started> {
  const args = [baton, 'local', '--assembly', assemblyDir(), '--port', '0', ...more];
  const child = spawn(process.execPath, args, { env: environment });
  let said = '';
  child.stderr!.on('data', (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(said)));
    child.stdout!.on('data', (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:(\d+): [\s\S]*It stays up/.exec(said);
      if (found) resolve({ process: child, port: Number(found[1]), said: () => said });
    });
  });
}

beforeAll(async () => {
  local = await start();
  port = local.port;
});

afterAll(() => local.process.kill('SIGKILL'));

test('--data keeps everything through kill -9, says what is there again, and takes no folder of another', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-data-'));
  const first = await start('--data', dir);
  expect(first.said()).toContain(`Everything is kept in ${dir}, also through kill -9`);
  const toFirst = ['--port', String(first.port)];
  expect(run(['smoke', '--json', ...toFirst]).status).toBe(0);
  const second = run(['local', '--assembly', assemblyDir(), '--port', '0', '--data', dir]);
  expect([second.status, second.err]).toEqual([1, expect.stringContaining(`${dir} is in use by another process`)]);
  const ended = new Promise((resolve) => first.process.once('exit', resolve));
  first.process.kill('SIGKILL');
  await ended;
  const again = await start('--data', dir);
  expect(again.port).toBe(first.port);
  expect(again.said()).toMatch(/Restored from .*: \d+ items, 1 object/);
  again.process.kill('SIGKILL');
  const foreign = mkdtempSync(join(tmpdir(), 'baton-foreign-'));
  writeFileSync(join(foreign, 'thesis.txt'), 'years');
  const refused = run(['local', '--assembly', assemblyDir(), '--port', '0', '--data', foreign]);
  expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('is not a data folder of Baton')]);
  rmSync(dir, { recursive: true, force: true });
});

test('health answers 200 with JSON on the loopback address', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/_baton/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'ready', account: '123456789012', region: 'us-east-1' });
});

test('smoke publishes a booking and follows it to its confirmation', () => {
  const { status, out } = run(['smoke', '--json', ...here()]);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ passed: true, ended: 'BookingConfirmed' });
});

test('an example, with another booking id, is published from standard input and traced by that id', () => {
  const example = JSON.parse(run(['publish', 'BookingRequested', '--example', '--json']).out);
  expect(Object.keys(example).sort()).toEqual(['data', 'meta']);
  example.data.bookingId = 'bk-typed';
  const published = run(['publish', 'BookingRequested', '-', '--json', ...here()], JSON.stringify(example));
  expect(published.status).toBe(0);
  expect(JSON.parse(published.out)).toMatchObject({ type: 'BookingRequested', key: 'bk-typed', id: example.meta.id });
  const traced = run(['trace', 'bk-typed', '--json', '--wait', '30', ...here()]);
  expect(traced.status).toBe(0);
  const tree = JSON.parse(traced.out);
  expect(tree).toMatchObject({ complete: true, ended: 'BookingConfirmed' });
  expect(tree.eventTypes).toContain('ParcelDispatched');
});

test('an event that breaks its contract is not published; with --raw it is, and stands in the dead letters with its reason', async () => {
  const wrong = JSON.stringify({
    meta: { id: 'raw-1', time: new Date().toISOString() },
    data: { bookingId: 'bk-raw' },
  });
  const refused = run(['publish', 'BookingRequested', wrong, ...here()]);
  expect(refused.status).toBe(1);
  expect(refused.err).toMatch(/not published: data\.merchantId/);
  expect(run(['publish', 'BookingRequested', wrong, '--raw', ...here()]).status).toBe(0);
  let letters: { messageId: string; reason: string; meta?: { id?: string } }[] = [];
  for (let attempt = 0; attempt < 20 && letters.length === 0; attempt++) {
    letters = JSON.parse(run(['dead-letters', 'list', '--json', ...here()]).out);
  }
  expect(letters).toHaveLength(1);
  expect(letters[0]!.reason).toMatch(/data\.merchantId/);
  const shown = run(['dead-letters', 'show', letters[0]!.messageId.slice(0, 8), ...here()]);
  expect(shown.out).toMatch(/booking\/open-booking[\s\S]*bk-raw/);
  const traced = JSON.parse(run(['trace', 'bk-raw', '--json', ...here()]).out);
  expect(traced.roots[0].handledBy[0]).toMatchObject({ consumer: 'booking/open-booking', status: 'rejected' });
  // Looking consumed nothing.
  expect(JSON.parse(run(['dead-letters', 'list', '--json', ...here()]).out)).toHaveLength(1);
});

test('a saga that waits for a person is listed, shown, approved, and then it is over', async () => {
  const example = JSON.parse(run(['publish', 'BookingRequested', '--example', '--json']).out);
  Object.assign(example.data, { bookingId: 'bk-dear', priceCents: 150_000 });
  expect(run(['publish', 'BookingRequested', JSON.stringify(example), ...here()]).status).toBe(0);
  let listed: any[] = [];
  for (let attempt = 0; attempt < 50 && !listed[0]?.waitsFor.includes('approve-booking'); attempt++) {
    listed = JSON.parse(run(['sagas', 'list', '--status', 'running', '--json', ...here()]).out || '[]');
  }
  expect(listed).toMatchObject([{ key: 'bk-dear', status: 'RUNNING', waitsFor: expect.arrayContaining(['watch']) }]);
  expect(run(['sagas', 'show', 'bk-dear', ...here()]).out).toMatch(
    /approve-booking +ApprovalRequested +-> no answer yet[\s\S]*'baton sagas approve bk-dear'/,
  );
  const notParked = run(['sagas', 'resume', 'bk-dear', ...here()]);
  expect([notParked.status, notParked.err]).toEqual([1, expect.stringContaining('bk-dear is not parked')]);
  expect(run(['sagas', 'approve', 'bk-dear', '--by', 'ada', ...here()]).status).toBe(0);
  const traced = JSON.parse(run(['trace', 'bk-dear', '--json', '--wait', '30', ...here()]).out);
  expect(traced).toMatchObject({ complete: true, ended: 'BookingConfirmed' });
  expect(run(['sagas', 'show', 'bk-dear', ...here()]).out).toMatch(/bk-dear {2}booking\/book-parcel {2}done/);
  const over = run(['sagas', 'cancel', 'bk-dear', '--reason', 'late', ...here()]);
  expect([over.status, over.err]).toEqual([1, expect.stringContaining('it has ended, done')]);
});

test('a queue that nobody has is named, with those there are', () => {
  const { status, err } = run(['dead-letters', 'list', '--queue', 'foo/bar', ...here()]);
  expect(status).toBe(2);
  expect(err).toMatch(/No dead-letter queue is named 'foo\/bar'\. There are: .*BookingOpenBooking/);
});

test.each([
  [['publish', 'BookingRequest', '{}'], 2, /no event 'BookingRequest'\. Did you mean BookingRequested\? /],
  [['publish', 'BookingRequsted', '{}'], 2, /no event 'BookingRequsted'\. Did you mean BookingRequested\? /],
  [['publish', 'Shipped', '{}'], 2, /no event 'Shipped'\. Events: .*BookingRequested, .*ParcelDispatched/],
  [['invoke', 'booking/open-bookings', '--event', '{}'], 2, /no consumer.*\. Did you mean booking\/open-booking\?$/m],
  [['invoke', 'open-bookng', '--event', '{}'], 2, /no consumer.*\. Did you mean open-booking\?$/m],
  [['publish', 'BookingRequested', '{"a":'], 2, /the argument is not JSON/],
  [['publish', 'BookingRequested', '@/no/such/file'], 2, /cannot be read/],
  [['publish', 'BookingRequested'], 2, /needs the event/],
  [['local', '--port', 'many'], 2, /'many' is not a whole number from 0 to 65535/],
  [['local', '--assembly', '/no/such/folder'], 2, /no folder/],
  [['new', 'consumer', 'labels/delete', '--on', 'LabelRendered'], 2, /'labels\/delete' is not <owner>\/<verb-noun>/],
  [['frobnicate'], 2, /unknown command/],
  [['sagas', 'list', '--saga', 'foo/bar', '--port', '1'], 2, /no saga 'foo\/bar'\. There are: booking\/book-parcel/],
  [['trace', 'bk-1', '--endpoint-url', 'nonsense'], 2, /--endpoint-url is 'nonsense', which is no URL/],
  [['trace', 'nobody'], 1, /Nothing answers at http:\/\/127\.0\.0\.1:1\b/],
])('%j ends with %i and a sentence', (args, status, sentence) => {
  const result = run(args.at(-1) === 'nobody' ? [...args, '--port', '1'] : args);
  expect(result.status).toBe(status);
  expect(result.err).toMatch(sentence);
  expect(result.err).not.toMatch(/^\s+at /m);
});

test('a port in use is one sentence, before any work', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port: busy } = taken.address() as { port: number };
  const { status, out, err } = run(['local', '--assembly', assemblyDir(), '--port', String(busy)]);
  taken.close();
  expect(status).toBe(1);
  expect(out).toBe('');
  expect(err).toBe(`baton: port ${busy} is in use; choose another with --port N, or stop what listens there\n`);
});

test('a broken assembly is one sentence that names the file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-broken-'));
  writeFileSync(join(dir, 'manifest.json'), '{ "version":');
  const { status, err } = run(['local', '--assembly', dir, '--port', '0']);
  expect(status).toBe(1);
  expect(err).toMatch(/manifest\.json/);
  expect(err).not.toMatch(/^\s+at /m);
});

test('Ctrl-C ends it with 0, in silence', async () => {
  const before = local.said().length;
  const code = await new Promise((resolve) => {
    local.process.removeAllListeners('exit');
    local.process.on('exit', resolve);
    local.process.kill('SIGINT');
  });
  expect(code).toBe(0);
  expect(local.said().slice(before).trim()).toBe('Stopping ...');
});
