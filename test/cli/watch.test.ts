/** `baton local --watch`, with real files and a real watcher: each step waits for what the watcher says. */
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Watching, watch } from '../../lib/cli/watch';
import { type LocalRun, startLocal } from '../../lib/local/start';
import { assembly, folder, removeFolders } from '../local/assembly/support';

afterAll(removeFolders);

let run: LocalRun | undefined;
let watching: Watching | undefined;
afterEach(async () => {
  await watching?.close();
  await run?.stop();
  watching = run = undefined;
});

/** Lines that were said, and who waits for the next one that matches. */
function listener() {
  const said: string[] = [];
  let waiter: { pattern: RegExp; resolve(line: string): void } | undefined;
  return {
    said,
    say(line: string): void {
      said.push(line);
      if (waiter?.pattern.test(line)) waiter.resolve(line);
    },
    next: (pattern: RegExp): Promise<string> => new Promise((resolve) => (waiter = { pattern, resolve })),
  };
}

test("somebody else's folder: a new synthesis is applied, a broken one is said and what ran goes on", async () => {
  const queue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });
  const dir = assembly({ App: { template: { Resources: { A: queue('a') } } } });
  const template = (text: string): void => writeFileSync(join(dir, 'App.template.json'), text);
  run = await startLocal({ assemblyDir: dir, port: 0 });
  const { say, next } = listener();
  watching = await watch({ run, say, assemblyDir: dir });
  const urls = (): number => run!.world.requestNow('sqs', 'ListQueues', {}).output.QueueUrls.length;

  const broken = next(/goes on/);
  template('{ "Resources": ');
  expect(await broken).toMatch(/what ran before goes on.*App\.template\.json: it is not JSON/);
  expect(urls()).toBe(1);

  const added = next(/added/);
  template(JSON.stringify({ Resources: { A: queue('a'), B: queue('b') } }));
  expect(await added).toMatch(/added B \(AWS::SQS::Queue\)\.$/);
  expect(urls()).toBe(2);
});

// Under load the system's own notice of a change has been seen to come after a minute, once. What fails is printed all the same.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

/** A project with these handlers, synthesized and watched; `word` of lib/domain is in what each of them says. */
async function project(names: string[]) {
  const files = names.map((name) => [`lambdas/x/${name}.ts`, handler('one')]);
  const root = folder({ ...Object.fromEntries(files), 'lib/domain/word.ts': "export const word = 'tick';\n" });
  const Resources: Record<string, object> = {};
  const out = folder({});
  const assets: Record<string, object> = {};
  for (const name of names) {
    // What a synthesis leaves: the bundle, and the same bytes as the function's asset.
    const bundle = join(root, 'build', 'handlers', 'x', name);
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'index.js'), `exports.handler = async () => 'as synthesized, ${name}';`);
    cpSync(bundle, join(out, `asset.${name}`), { recursive: true });
    assets[name] = { source: { path: `asset.${name}` }, destinations: { d: { objectKey: `${name}.zip` } } };
    const Properties = {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
    };
    Resources[name] = { Type: 'AWS::Lambda::Function', Properties };
  }
  cpSync(assembly({ App: { template: { Resources } } }), out, { recursive: true });
  writeFileSync(join(out, 'App.assets.json'), JSON.stringify({ files: assets }));
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  manifest.artifacts.assets = { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } };
  writeFileSync(join(out, 'manifest.json'), JSON.stringify(manifest));

  run = await startLocal({ assemblyDir: out, port: 0 });
  const { world } = run;
  const { say, said, next } = listener();
  const synthesize = () => Promise.reject(new Error('not synthesized'));
  watching = await watch({ run, say, sources: { root, synthesize } });
  return {
    said,
    invoke: async (FunctionName: string): Promise<unknown> => {
      const { output } = await world.request('lambda', 'Invoke', { FunctionName });
      return JSON.parse(Buffer.from(output.Payload, 'base64').toString());
    },
    /** As editors save: beside it, then in its place. */
    save: async (file: string, text: string, says: RegExp): Promise<string> => {
      const line = next(says);
      writeFileSync(join(root, 'saved'), text);
      renameSync(join(root, 'saved'), join(root, file));
      return line;
    },
  };
}
const handler = (says: string): string =>
  `import { word } from '../../lib/domain/word';\nexport const handler = async () => \`${says} \${word}\`;\n`;

test('sources: a save is live in the next invocation, a syntax error leaves the old code, state stays', async () => {
  const { save, invoke } = await project(['greet']);
  expect(await invoke('greet')).toBe('as synthesized, greet');

  expect(await save('lambdas/x/greet.ts', handler('two'), /live/)).toMatch(
    /^lambdas\/x\/greet\.ts: x\/greet live in \d+ ms\.$/,
  );
  expect(await invoke('greet')).toBe('two tick');
  expect(await save('lib/domain/word.ts', 'export const word = ;', /goes on/)).toMatch(
    /what ran before goes on.*\n.*Unexpected ";"[\s\S]*lib\/domain\/word\.ts:1:20/,
  );
  expect(await invoke('greet')).toBe('two tick');
  await save('lib/domain/word.ts', "export const word = 'tock';", /live/);
  expect(await invoke('greet')).toBe('two tock');
  // A file that no bundle reaches is for the stacks to judge.
  expect(await save('lib/config.ts', 'export {};', /goes on/)).toMatch(/not synthesized/);
});

test('what many handlers reach: the function that ran last is live first, then the others', async () => {
  const { save, said, invoke } = await project(['add', 'greet', 'part']);
  await invoke('greet');
  await save('lib/domain/word.ts', "export const word = 'tock';", /x\/part live/);
  expect(said.slice(-2)).toEqual([
    expect.stringMatching(/^lib\/domain\/word\.ts: x\/greet live in \d+ ms; 2 more follow\.$/),
    expect.stringMatching(/^lib\/domain\/word\.ts: x\/add, x\/part live in \d+ ms\.$/),
  ]);
  expect(await Promise.all(['add', 'greet', 'part'].map(invoke))).toEqual(['one tock', 'one tock', 'one tock']);
});
