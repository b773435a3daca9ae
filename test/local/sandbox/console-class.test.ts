/** `new Console(...)` in a function does as Node's (modules/console-class.ts): the same code, here and there. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { codeDir, sandbox } from './support';

const use = `(Console, stdout, stderr) => {
  const seen = [];
  stdout.write = (text) => { seen.push('out ' + text); return true; };
  stderr.write = (text) => { seen.push('err ' + text); return true; };
  const one = new Console({ stdout, stderr });
  one.log('a text with %s');
  one.warn('another');
  const { info } = one;
  info('loose');
  one.error({ an: 'object' });
  one.debug('a %s', 'b');
  one.group('group');
  one.log('in it');
  one.groupEnd();
  one.log('after it');
  one.log('');
  one.log();
  one.table([{ a: 1 }]);
  one.count();
  one.assert(false, 'asserted');
  one.trace = (message) => one.log(message);
  one.trace('traced');
  const short = new Console({ stdout });
  short.error('to out');
  const listed = new Console(stdout, stderr);
  listed.warn('listed');
  Console({ stdout }).log('called');
  class Mine extends Console { log(...parts) { super.log('mine', ...parts); } }
  const mine = new Mine({ stdout });
  mine.log('x');
  const refused = [];
  for (const wrong of [undefined, {}, { stdout: 1 }])
    try { new Console(wrong); } catch (error) { refused.push(error.code ?? error.name); }
  const kinds = [one, listed, mine, {}].map((value) => [value instanceof Console, value instanceof Mine]);
  return { seen, refused, kinds, keys: Object.keys(one).sort(), name: Console.name };
}`;

test('one made with the streams of the process, or with others', async () => {
  const folder = codeDir({
    'index.js': `
      const { Console } = require('node:console');
      const { Writable } = require('node:stream');
      const use = ${use};
      exports.handler = async (whose) => {
        const [out, err] = [process.stdout.write, process.stderr.write];
        const streams = whose === 'own' ? [process.stdout, process.stderr] : [new Writable(), new Writable()];
        try { return use(Console, ...streams); } finally { process.stdout.write = out; process.stderr.write = err; }
      };`,
  });
  // biome-ignore lint/security/noGlobalEval: the same text runs on both sides.
  const expected = eval(use)(Console, new Writable(), new Writable());
  expect(expected.seen).toHaveLength(18);
  for (const whose of ['own', 'others']) {
    const box = sandbox();
    expect((await box.invoke(folder, whose)).json).toEqual(JSON.parse(JSON.stringify(expected)));
    await box.runtime.stop();
  }
});
