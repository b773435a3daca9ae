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

test('sources: a save is live in the next invocation, a syntax error leaves the old code, state stays', async () => {
  const handler = (says: string): string =>
    `import { word } from '../../lib/domain/word';\nexport const handler = async () => \`${says} \${word}\`;\n`;
  const root = folder({ 'lambdas/x/greet.ts': handler('one'), 'lib/domain/word.ts': "export const word = 'tick';\n" });
  // What a synthesis leaves: the bundle, and the same bytes as the function's asset.
  const bundle = join(root, 'build', 'handlers', 'x', 'greet');
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(bundle, 'index.js'), "exports.handler = async () => 'as synthesized';");
  const Properties = {
    FunctionName: 'greet',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/r',
    Code: { S3Bucket: 'assets', S3Key: 'k.zip' },
  };
  const out = assembly({ App: { template: { Resources: { F: { Type: 'AWS::Lambda::Function', Properties } } } } });
  cpSync(bundle, join(out, 'asset.k'), { recursive: true });
  const assets = { k: { source: { path: 'asset.k' }, destinations: { d: { objectKey: 'k.zip' } } } };
  writeFileSync(join(out, 'App.assets.json'), JSON.stringify({ files: assets }));
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  manifest.artifacts.assets = { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } };
  writeFileSync(join(out, 'manifest.json'), JSON.stringify(manifest));

  run = await startLocal({ assemblyDir: out, port: 0 });
  const { world } = run;
  const invoke = async (): Promise<unknown> => {
    const { output } = await world.request('lambda', 'Invoke', { FunctionName: 'greet' });
    return JSON.parse(Buffer.from(output.Payload, 'base64').toString());
  };
  const { say, next } = listener();
  watching = await watch({
    run,
    say,
    sources: { root, synthesize: () => Promise.reject(new Error('not synthesized')) },
  });
  expect(await invoke()).toBe('as synthesized');

  /** As editors save: beside it, then in its place. */
  const save = async (file: string, text: string, says: RegExp): Promise<string> => {
    const said = next(says);
    writeFileSync(join(root, 'saved'), text);
    renameSync(join(root, 'saved'), join(root, file));
    return said;
  };
  expect(await save('lambdas/x/greet.ts', handler('two'), /live/)).toMatch(
    /^lambdas\/x\/greet\.ts: x\/greet live in \d+ ms\.$/,
  );
  expect(await invoke()).toBe('two tick');
  expect(await save('lib/domain/word.ts', 'export const word = ;', /goes on/)).toMatch(
    /what ran before goes on.*\n.*Unexpected ";"[\s\S]*lib\/domain\/word\.ts:1:20/,
  );
  expect(await invoke()).toBe('two tick');
  await save('lib/domain/word.ts', "export const word = 'tock';", /live/);
  expect(await invoke()).toBe('two tock');
  // A file that no bundle reaches is for the stacks to judge.
  expect(await save('lib/config.ts', 'export {};', /goes on/)).toMatch(/not synthesized/);
});
