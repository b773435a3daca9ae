/** Grounds: an environment finds the context as the first one did, whatever the one before it has done (ground.ts). */
import { setFlagsFromString } from 'node:v8';
import { codeDir, sandbox } from './support';

/** Environments one after the other; `reused`: this one stands where another has stood, seen by the context's Array. */
async function lives(code: string, events: unknown[]): Promise<any[]> {
  const folder = codeDir({
    'index.js': `
      const stood = Buffer.stood ??= new WeakSet();
      const reused = stood.has(Array);
      stood.add(Array);
      let count = 0;
      ${code}
      exports.handler = async (event) => ({ ...(await act(event)), reused, count: ++count });`,
  });
  const box = sandbox();
  const seen = [];
  for (const [index, event] of events.entries()) {
    const environmentId = `greet/${index}`;
    seen.push((await box.invoke(folder, event, { environmentId })).json);
    box.runtime.discard(environmentId);
    await box.time.settle();
  }
  await box.runtime.stop();
  return seen;
}

test('module code runs anew on a ground that is used again', async () => {
  const seen = await lives('const act = () => ({});', [1, 2, 3]);
  expect(seen).toEqual([
    { reused: false, count: 1 },
    { reused: true, count: 1 },
    { reused: true, count: 1 },
  ]);
});

test('a stack shows the frames of the function, and none of the process that runs it', async () => {
  const [seen] = await lives(
    `const act = () => new Promise((resolve) => setTimeout(function late() { resolve({ stack: new Error('late').stack }); }, 5));`,
    [1],
  );
  expect(seen.stack).toMatch(/^Error: late\n {4}at Timeout.*late|^Error: late\n {4}at .*late/);
  expect(seen.stack).not.toMatch(/lib\/local|node_modules|virtual-time/);
});

test('a stack tells the same however the step that it is of began', async () => {
  const code = `
    const act = async () => {
      const stacks = new Set();
      // Of steps that follow one another, one begins with an immediate of Node, and another in its midst.
      for (let i = 0; i < 40; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await (async function late() { await 1; stacks.add(new Error('late').stack); })();
      }
      return { stacks: [...stacks] };
    };`;
  const [{ stacks }] = await lives(code, [1]);
  expect(stacks).toHaveLength(1);
  expect(stacks[0]).not.toContain('node:');
});

/** As in the simulator's workers; grounds that are made meanwhile keep what V8 tells them. */
async function withShapes<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return await work();
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

test.each([
  ['property by property', (work: () => Promise<any[]>) => work()],
  ["with V8's hidden classes", withShapes],
])('what an environment did to globals and intrinsics is undone: compared %s', async (_, compared) => {
  const look = `
    const act = () => {
      const seen = {
        leak: typeof leak, extended: [].last !== undefined, stringified: JSON.stringify(1), parse: Object.keys(JSON),
        console: typeof console.log, json: Object.hasOwn(globalThis, 'JSON'), limit: Error.stackTraceLimit,
        matched: RegExp.$1, names: Object.getOwnPropertyNames(globalThis).join(), next: [][Symbol.iterator]().next.name,
        hidden: Object.getPrototypeOf(async () => {}).hidden === undefined, date: typeof Date.now(),
        size: new Map().size, map: Array.prototype.map.name, note: Array.prototype.filter.note ?? 'none',
        shown: Object.keys(Math), url: typeof globalThis.URL, buffer: globalThis.Buffer?.name,
        pop: JSON.stringify(Object.getOwnPropertyDescriptor(Array.prototype.pop, 'length')),
        shift: Object.hasOwn(Array.prototype.shift, 'name'),
      };
      globalThis.leak = 1;
      Array.prototype.last = function () {};
      JSON.stringify = () => 'replaced';
      JSON.more = 1;
      console = { log: 'none' };
      setTimeout = undefined;
      Error.stackTraceLimit = 1;
      Object.getPrototypeOf([][Symbol.iterator]()).next = function replaced() {};
      Object.getPrototypeOf(async () => {}).hidden = 1;
      Date.now = () => 'never';
      Object.defineProperty(Map.prototype, 'size', { get: () => 7 });
      Object.defineProperty(Array.prototype.map, 'name', { value: 'other' });
      Object.defineProperty(Array.prototype.pop, 'length', { enumerable: true });
      Array.prototype.filter.note = 1;
      delete Array.prototype.shift.name;
      Object.defineProperty(Math, 'abs', { enumerable: true });
      globalThis.URL = undefined;
      globalThis.Buffer = class Mine { static stood = Buffer.stood; };
      Reflect.ownKeys = Object.getOwnPropertyDescriptor = Reflect.defineProperty = () => [];
      /(a)/.exec('a');
      return seen;
    };`;
  const [first, second, third] = await compared(() => lives(look, [1, 2, 3]));
  expect(first).toMatchObject({ leak: 'undefined', extended: false, stringified: '1', limit: 20, matched: '' });
  expect(first).toMatchObject({ size: 0, map: 'map', note: 'none', shown: [], url: 'function', buffer: 'Buffer' });
  expect(second).toEqual({ ...first, reused: true });
  expect(third).toEqual(second);
});

test('a ground that is mended is used again; one that was changed for good is dropped', async () => {
  const mended = await lives(
    'const act = () => { globalThis.leak = 1; Array.prototype.map = () => 7; return {}; };',
    [1, 2],
  );
  expect(mended[1]).toEqual({ reused: true, count: 1 });
  // A global that comes back has another place among the names.
  const deleted = await lives('const act = () => { delete globalThis.Intl; return { intl: typeof Intl }; };', [1, 2]);
  expect(deleted[1]).toEqual({ reused: false, count: 1, intl: 'undefined' });
  const seen = await lives(
    'const act = () => { const frozen = Object.isFrozen(Array.prototype); Object.freeze(Array.prototype); return { frozen }; };',
    [1, 2],
  );
  expect(seen[1]).toEqual({ frozen: false, reused: false, count: 1 });
});

test.each(['Object.setPrototypeOf(Array.prototype.at, null)', 'Object.freeze(Array.prototype.at)'])(
  'with hidden classes too, a function that was changed for good is seen: %s',
  async (change) => {
    const code = `
    const act = () => {
      const { at } = Array.prototype;
      const seen = { own: Object.getPrototypeOf(at) === Function.prototype, frozen: Object.isFrozen(at) };
      ${change};
      return seen;
    };`;
    const seen = await withShapes(() => lives(code, [1, 2]));
    expect(seen[1]).toEqual({ own: true, frozen: false, reused: false, count: 1 });
  },
);

test('what goes on after an exit changes nothing for the next environment', async () => {
  const code = `
    const act = async (event) => {
      if (event === 'look') return { leak: typeof leak };
      (async () => { for (let i = 0; i < 50; i++) await 1; globalThis.leak = 1; setTimeout(() => { globalThis.leak = 2; }, 1); })();
      process.exit(3);
    };`;
  const [exited, next] = await lives(code, ['exit', 'look']);
  expect(exited.errorMessage).toMatch(/exit status 3/);
  expect(next).toMatchObject({ leak: 'undefined', count: 1 });
});
