/** Archives of functions in the file system, and functions from archives in both runtimes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { inlineArchive } from '../../lib/local/services/functions/inline-code';
import type { EnvironmentSpec, Finished, FunctionRuntime } from '../../lib/local/services/service';
import { UnpackedCode } from '../../lib/local/unpacked';
import { createWorkerRuntime } from '../../lib/local/workers';
import { invocation, sandbox } from './sandbox/support';

const archive = (files: Record<string, string>): { bytes: Uint8Array; sha256: string } => ({
  bytes: zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  sha256: JSON.stringify(files),
});
const spec = (given: EnvironmentSpec['archive']): EnvironmentSpec => ({
  ...invocation('', {}, 0).environment,
  archive: given,
});

test('an archive is unpacked once, into a folder for this user only, and removed', () => {
  const code = new UnpackedCode();
  const files = archive({ 'index.js': 'one', 'bin/tool': 'two' });
  const { codeDir } = code.located(spec(files));
  expect(readFileSync(join(codeDir, 'index.js'), 'utf8')).toBe('one');
  expect(statSync(join(codeDir, 'bin/tool')).mode & 0o100).toBe(0o100);
  expect(statSync(dirname(codeDir)).mode & 0o077).toBe(0);
  expect(code.located(spec(files)).codeDir).toBe(codeDir);
  expect(code.located(spec(archive({ 'index.js': 'other' }))).codeDir).not.toBe(codeDir);
  code.remove();
  expect(existsSync(dirname(codeDir))).toBe(false);
});

test('code of an asset stays where it is, and no folder is made', () => {
  const ours = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`baton-functions-${process.pid}-`));
  const code = new UnpackedCode();
  expect(code.located({ ...spec(undefined), codeDir: '/asset' }).codeDir).toBe('/asset');
  expect(ours()).toEqual([]);
});

test('what a run left behind that ended without notice is removed by the next', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  const left = join(tmpdir(), `baton-functions-${pid}-abc`);
  const alive = join(tmpdir(), `baton-functions-${process.pid}-kept`);
  mkdirSync(left);
  mkdirSync(alive);
  const code = new UnpackedCode();
  code.located(spec(archive({ 'index.js': '' })));
  expect([existsSync(left), existsSync(alive)]).toEqual([false, true]);
  code.remove();
  rmSync(alive, { recursive: true });
});

const commonJs = "exports.handler = async ({ name }) => require('./deep/greeting') + name;";
const moduleCode = "import { word } from './word.mjs'; export const handler = async ({ name }) => word + name;";
const kinds = {
  CommonJS: archive({ 'index.js': commonJs, 'deep/greeting.js': "module.exports = 'hello ';" }),
  'ES module': archive({ 'index.mjs': moduleCode, 'word.mjs': "export const word = 'hello ';" }),
};

describe('worker threads', () => {
  let runtime: FunctionRuntime;
  beforeAll(() => {
    runtime = createWorkerRuntime({ endpoint: 'http://127.0.0.1:1', log: () => {} });
  });
  afterAll(() => runtime.stop());

  const run = (code: EnvironmentSpec['archive'], environmentId: string): Promise<Finished> => {
    const made = invocation('', { name: 'Ada' }, Date.now(), { environmentId, timeoutSeconds: 20 });
    return new Promise((resolve) =>
      runtime.run({ ...made, environment: { ...made.environment, archive: code } }, resolve),
    );
  };

  for (const [kind, code] of Object.entries(kinds)) {
    test(`run a ${kind} from an archive`, async () => {
      expect(await run(code, kind)).toMatchObject({ functionError: undefined, payload: '"hello Ada"' });
    });
  }

  test('give inline code the module cfn-response, which answers a custom resource', async () => {
    const heard: { method?: string; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push({ method: request.method, body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const text =
      "const cfn = require('cfn-response');" +
      "exports.handler = (event, context) => { cfn.send(event, context, cfn.SUCCESS, { made: 1 }, 'thing'); };";
    const bytes = Buffer.from(inlineArchive(text), 'base64');
    const event = {
      ResponseURL: `http://127.0.0.1:${port}/answer`,
      StackId: 's',
      RequestId: 'r',
      LogicalResourceId: 'L',
    };
    const made = invocation('', event, Date.now(), { environmentId: 'cfn', timeoutSeconds: 20 });
    const environment = { ...made.environment, archive: { bytes, sha256: 'cfn' } };
    const end = await new Promise<Finished>((resolve) => runtime.run({ ...made, environment }, resolve));
    server.close();
    expect(end.functionError).toBeUndefined();
    expect(heard.map(({ method, body }) => ({ method, ...JSON.parse(body) }))).toEqual([
      {
        method: 'PUT',
        Status: 'SUCCESS',
        Reason: expect.stringMatching(/^See the details in CloudWatch Log Stream: /),
        PhysicalResourceId: 'thing',
        StackId: 's',
        RequestId: 'r',
        LogicalResourceId: 'L',
        NoEcho: false,
        Data: { made: 1 },
      },
    ]);
  });

  test('give unbundled code the AWS SDK', async () => {
    const code = archive({
      'index.js': "const { SQSClient } = require('@aws-sdk/client-sqs'); exports.handler = async () => SQSClient.name;",
    });
    expect(await run(code, 'sdk')).toMatchObject({ functionError: undefined, payload: '"SQSClient"' });
  });
});

describe('the sandbox', () => {
  for (const [kind, code] of Object.entries(kinds)) {
    test(`runs a ${kind} from an archive`, async () => {
      const box = sandbox();
      let finished: Finished | undefined;
      const made = invocation('', { name: 'Ada' }, box.time.now());
      box.runtime.run({ ...made, environment: { ...made.environment, archive: code } }, (end) => {
        finished = end;
      });
      await box.time.run({ untilMs: box.time.now() + 10_000, stop: () => finished !== undefined });
      expect(finished).toMatchObject({ functionError: undefined, payload: '"hello Ada"' });
      await box.runtime.stop();
    });
  }
});
