import { bundled, codeDir, json, sandbox } from './support';

const code = (body: string): string => codeDir({ 'index.js': body });

describe('time and chance', () => {
  test('the clock is virtual: a minute of waiting costs none', async () => {
    const folder = code(`
const { setTimeout: sleep } = require('node:timers/promises');
exports.handler = async () => {
  const [date, mono, hr] = [Date.now(), performance.now(), process.hrtime.bigint()];
  await new Promise((resolve) => setTimeout(resolve, 30000));
  await sleep(30000);
  return [Date.now() - date, performance.now() - mono, Number((process.hrtime.bigint() - hr) / 1000000n), new Date(2026, 1).getFullYear()];
};`);
    const end = await sandbox().invoke(folder, {}, { timeoutSeconds: 100 });
    expect(end.json).toEqual([60_000, 60_000, 60_000, 2026]);
  });

  test('timers that are due together fire in the order in which they were set', async () => {
    const folder = code(`exports.handler = async () => {
  const seen = [];
  for (let n = 0; n < 20; n++) setTimeout(() => seen.push(n), 10);
  for (let n = 20; n < 30; n++) setImmediate(() => seen.push(n));
  const dropped = setTimeout(() => seen.push('dropped'), 10);
  clearTimeout(dropped);
  await new Promise((resolve) => setTimeout(resolve, 11));
  return seen;
};`);
    const order = Array.from({ length: 30 }, (_, n) => (n + 20) % 30);
    expect((await sandbox().invoke(folder, {})).json).toEqual(order);
  });

  test('the same seed gives the same run, another seed another one', async () => {
    const folder = bundled(`
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { randomBytes, randomUUID } from 'node:crypto';
const client = new DynamoDBClient({});
export const handler = async (event: unknown) => {
  const id = randomUUID();
  console.log('putting', id, Math.random(), randomBytes(4).toString('hex'), crypto.getRandomValues(new Uint8Array(2)));
  await Promise.all([1, 2, 3].map((n) => client.send(new PutItemCommand({ TableName: 't', Item: { id: { S: id + n } } }))));
  return { id, at: Date.now() };
};`);
    const run = async (seed: string): Promise<string> => {
      let calls = 0;
      const faulty = sandbox({
        seed,
        transport: async () =>
          ++calls % 3 === 1 ? json(400, { __type: 'ThrottlingException', message: 'slow' }) : json(200, {}),
      });
      const ends = [await faulty.invoke(folder, {}), await faulty.invoke(folder, {}, { cold: false })];
      return JSON.stringify([ends, faulty.logs, faulty.requests]);
    };
    const first = await run('one');
    expect(await run('one')).toBe(first);
    expect(await run('two')).not.toBe(first);
  });
});

describe('life of an environment', () => {
  test('what is left over freezes with the answer and goes on with the next invocation', async () => {
    const folder = code(`exports.handler = async (event) => {
  const then = Date.now();
  setTimeout(() => console.log('left over for', Date.now() - then), 100);
};`);
    const box = sandbox();
    const said = (): string[] => box.logs.map(({ message }) => message).filter((text) => text.includes('left over'));
    await box.invoke(folder, {});
    await box.time.run({ untilMs: box.time.now() + 60_000 });
    expect(said()).toEqual([]);
    await box.invoke(folder, {}, { cold: false });
    expect(said()).toEqual([expect.stringMatching(/left over for 60000$/)]);
  });

  test('after a timeout nothing of the environment happens', async () => {
    const folder = code(`exports.handler = async () => {
  for (let n = 0; n < 100; n++) { await new Promise((resolve) => setTimeout(resolve, 1000)); console.log('tick', n); }
};`);
    const box = sandbox();
    expect(await box.invoke(folder, {})).toMatchObject({ functionError: 'Timeout', reusable: false });
    const lines = box.logs.length;
    await box.time.run({ untilMs: box.time.now() + 60_000 });
    expect(box.logs).toHaveLength(lines);
  });

  test('process.exit and an uncaught exception end the environment', async () => {
    const exit = await sandbox().invoke(code('exports.handler = async () => process.exit(3);'), {});
    expect(exit).toMatchObject({ functionError: 'Crash', reusable: false });
    expect(exit.json.errorMessage).toMatch(/exit status 3$/);
    const late = await sandbox().invoke(
      code('exports.handler = () => new Promise(() => setTimeout(() => { throw new RangeError("late"); }, 5));'),
      {},
    );
    expect(late).toMatchObject({ functionError: 'Crash', reusable: false });
    expect(late.json).toMatchObject({ errorType: 'RangeError', errorMessage: 'late' });
  });

  test('a promise that nothing can settle ends at once, and says so', async () => {
    const box = sandbox();
    const end = await box.invoke(code('exports.handler = () => new Promise(() => {});'), {});
    expect(end).toMatchObject({ functionError: 'Crash', json: { errorType: 'Runtime.ExitError' } });
    expect(box.logs.map(({ message }) => message).join('\n')).toMatch(/nothing can settle it/);
  });

  test('a callback waits for the event loop, unless told not to', async () => {
    const folder = code(`
exports.waits = (event, context, callback) => { setTimeout(() => {}, 200); callback(null, 'x'); };
exports.goes = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 200); callback(null, 'y'); };
exports.nothing = () => {};
exports.fails = (event, context, callback) => callback(new TypeError('no'));`);
    const run = async (handler: string): Promise<[unknown, number]> => {
      const box = sandbox();
      const before = box.time.now();
      const end = await box.invoke(folder, {}, { handler });
      return [end.json, box.time.now() - before];
    };
    expect(await run('index.waits')).toEqual(['x', 200]);
    expect(await run('index.goes')).toEqual(['y', 0]);
    expect(await run('index.nothing')).toEqual([null, 0]);
    expect(await run('index.fails')).toMatchObject([{ errorType: 'TypeError', errorMessage: 'no' }, 0]);
  });

  test('module code that throws, a missing handler and a missing file are named', async () => {
    const thrown = await sandbox().invoke(code('throw new SyntaxError("in module code")'), {});
    expect(thrown).toMatchObject({
      functionError: 'Unhandled',
      reusable: false,
      json: { errorMessage: 'in module code' },
    });
    const missing = await sandbox().invoke(code('exports.other = 1'), {});
    expect(missing.json).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: expect.stringMatching(/index\.handler/),
    });
    const none = await sandbox().invoke(codeDir({}), {});
    expect(none.json.errorType).toBe('Runtime.ImportModuleError');
  });
});

describe('what a function sees', () => {
  test('the context and the variables', async () => {
    const folder = code(`exports.handler = async (event, context) => {
  await new Promise((resolve) => setTimeout(resolve, 250));
  const { AWS_REGION, AWS_LAMBDA_FUNCTION_NAME, LAMBDA_TASK_ROOT, _HANDLER, COLOUR } = process.env;
  return { left: context.getRemainingTimeInMillis(), id: context.awsRequestId, arn: context.invokedFunctionArn, dir: __dirname,
    AWS_REGION, AWS_LAMBDA_FUNCTION_NAME, LAMBDA_TASK_ROOT, _HANDLER, COLOUR };
};`);
    const end = await sandbox().invoke(folder, {}, { variables: { COLOUR: 'green' } });
    expect(end.json).toEqual({
      left: 2750,
      id: end.invocationId,
      arn: 'arn:aws:lambda:us-east-1:123456789012:function:greet',
      dir: '/var/task',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'greet',
      LAMBDA_TASK_ROOT: '/var/task',
      _HANDLER: 'index.handler',
      COLOUR: 'green',
    });
  });

  test("log lines in Lambda's format, with the tail for the caller", async () => {
    const folder = code(`console.log('born');
exports.handler = async (event, context) => {
  console.log('a %s', 'b', { c: 1 }); console.error('bad'); process.stdout.write('{"raw":true}\\n');
};`);
    const box = sandbox();
    const { invocationId: id, logTail } = await box.invoke(folder, {});
    expect(box.logs.map(({ message }) => message)).toEqual([
      `START RequestId: ${id} Version: $LATEST`,
      `2026-11-24T09:00:00.000Z\t${id}\tINFO\tborn`,
      `2026-11-24T09:00:00.000Z\t${id}\tINFO\ta b { c: 1 }`,
      `2026-11-24T09:00:00.000Z\t${id}\tERROR\tbad`,
      '{"raw":true}',
      `END RequestId: ${id}`,
      `REPORT RequestId: ${id}\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 256 MB`,
    ]);
    expect(logTail).toMatch(/^START[\s\S]*REPORT.*\n$/);
    expect(box.logs[0]).toMatchObject({ logGroupName: '/aws/lambda/greet', functionName: 'greet', invocationId: id });
  });

  test('all methods of a console print by way of its log as it is by then', async () => {
    const folder = code(`exports.handler = async () => {
  const { table, count } = console;
  table([{ a: 1 }]); count('seen'); count('seen'); console.assert(1 > 2, 'no');
  console._stdout.write('{"raw":true}\\n');
  console.log = (text) => process.stdout.write('mine: ' + text + '\\n');
  console.dir({ b: 2 }); count('seen');
};`);
    const box = sandbox();
    const { invocationId: id, json } = await box.invoke(folder, {});
    expect(json).toBeNull();
    const line = (level: string, text: string): string => `2026-11-24T09:00:00.000Z\t${id}\t${level}\t${text}`;
    expect(box.logs.slice(1, -2).map(({ message }) => message)).toEqual([
      line('INFO', '┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘'),
      line('INFO', 'seen: 1'),
      line('INFO', 'seen: 2'),
      line('WARN', 'Assertion failed: no'),
      '{"raw":true}',
      '{ b: 2 }',
      'mine: seen: 3',
    ]);
  });

  test('a module of Node that the sandbox makes is one and the same wherever it is asked for', async () => {
    const folder = code(`exports.handler = async () => {
  const names = ['console', 'crypto', 'fs', 'fs/promises', 'http', 'https', 'module', 'os', 'perf_hooks', 'process',
    'timers', 'timers/promises', 'worker_threads', 'zlib', 'util', 'net'];
  return names.filter((name) => require(name) !== require('node:' + name)
    || require(name) !== require('module').createRequire('/var/task/index.js')(name)
    || require.resolve(name) !== name);
};`);
    expect((await sandbox().invoke(folder, {})).json).toEqual([]);
  });

  test('stack traces point into the TypeScript', async () => {
    const folder = bundled(`class WrongColour extends TypeError { override name = 'WrongColour'; }
function paint(): never {
  throw new WrongColour('red');
}
export const handler = async () => paint();`);
    const end = await sandbox().invoke(folder, {});
    expect(end.json).toMatchObject({ errorType: 'WrongColour', errorMessage: 'red' });
    expect(end.json.trace[0]).toBe('WrongColour: red');
    expect(end.json.trace[1]).toMatch(/^ {4}at paint \(\S*lambdas\/greet\.ts:3:9\)$/);
    expect(end.json.trace[2]).toMatch(/lambdas\/greet\.ts:5:36/);
  });

  test("values of this process are instances of the function's classes", async () => {
    const folder = code(`exports.handler = async () => {
  const { readFile } = require('node:fs/promises');
  const error = await readFile('/no').catch((e) => e);
  class Own extends Error {}
  return [error instanceof Error, error instanceof Own, new Own() instanceof Error, Buffer.from('a') instanceof Uint8Array,
    new Date() instanceof Date, structuredClone(new Date(5)) instanceof Date, structuredClone([1]) instanceof Array, error.code];
};`);
    expect((await sandbox().invoke(folder, {})).json).toEqual([true, false, true, true, true, true, true, 'ENOENT']);
  });

  test('its own files, an empty /tmp, and nothing of this machine', async () => {
    const folder = codeDir({
      'data.json': '{"a":1}',
      'index.js': `const fs = require('fs'); const path = require('path'); const os = require('os');
exports.handler = async () => {
  fs.writeFileSync('/tmp/x', 'hello');
  await fs.promises.mkdir('/tmp/deep/er', { recursive: true });
  const seen = [require('./data.json').a, fs.readFileSync(path.join(__dirname, 'data.json'), 'utf8'), fs.readFileSync('/tmp/x', 'utf8'), fs.readdirSync('/tmp')];
  for (const attempt of [() => fs.readFileSync('/etc/passwd'), () => fs.readFileSync(os.homedir() + '/.aws/config'), () => fs.writeFileSync('/var/task/y', '')]) {
    try { attempt(); seen.push('done'); } catch (error) { seen.push(error.code); }
  }
  return seen;
};`,
    });
    expect((await sandbox().invoke(folder, {})).json).toEqual([
      1,
      '{"a":1}',
      'hello',
      ['x', 'deep'],
      'ENOENT',
      'ENOENT',
      'EROFS',
    ]);
  });

  test('modules that are not there are refused by name', async () => {
    const end = await sandbox().invoke(
      code(`exports.handler = async () => ['sharp', 'node:sqlite', '../outside', 'constructor'].map((name) => {
  try { require(name); return 'loaded'; } catch (error) { return error.message; }
}).concat([(() => { try { require('child_process').exec('ls'); } catch (error) { return error.message; } })()]);`),
      {},
    );
    expect(end.json).toEqual([
      expect.stringMatching(/^Cannot find module 'sharp' \(required by \/var\/task\/index\.js\)/),
      expect.stringMatching(/'node:sqlite' is not modelled/),
      expect.stringMatching(/^Cannot find module '\.\.\/outside'/),
      expect.stringMatching(/^Cannot find module 'constructor'/),
      expect.stringMatching(/child_process exec is not available in the sandbox/),
    ]);
  });

  test('hosts outside AWS cannot be reached', async () => {
    const end = await sandbox().invoke(
      code(`exports.handler = async () => {
  const seen = [];
  await fetch('https://example.com/').catch((error) => seen.push(error.cause.code));
  await new Promise((resolve) => require('https').get('https://example.com/', resolve).on('error', (error) => { seen.push(error.code); resolve(); }));
  return seen;
};`),
      {},
    );
    expect(end.json).toEqual(['ENOTFOUND', 'ENOTFOUND']);
  });

  test('code may declare what is global elsewhere', async () => {
    const folder = code(`
const { URL } = require('url'); const { Buffer } = require('buffer'); const process = require('process'); class Map {}
exports.handler = async () => [new URL('https://a/b').pathname, Buffer.from('a').toString('hex'), process.platform, typeof Map];`);
    expect((await sandbox().invoke(folder, {})).json).toEqual(['/b', '61', 'linux', 'function']);
  });

  test('import() of a builtin gives the sandboxed one', async () => {
    const end = await sandbox().invoke(
      code(`exports.handler = async () => {
  const { request } = await import('node:http');
  const fs = await import('node:fs');
  return [request === require('http').request, fs.default.existsSync('/etc/passwd')];
};`),
      {},
    );
    expect(end.json).toEqual([true, false]);
  });
});
