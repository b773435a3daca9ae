import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AssemblyError, loadAssembly } from '../../../lib/local/assembly';
import { assembly, folder, removeFolders } from './support';

afterAll(removeFolders);

function synthesize(): string {
  const outdir = folder({});
  const app = new App({ outdir, analyticsReporting: false });
  const state = new Stack(app, 'Z-State', { stackName: 'TheState' });
  const work = new Stack(app, 'A-Work');
  const bus = new EventBus(state, 'Bus');
  new LambdaFunction(work, 'Fn', {
    runtime: Runtime.NODEJS_20_X,
    handler: 'index.handler',
    code: Code.fromAsset(folder({ 'index.js': 'exports.handler = async () => 1' })),
    environment: { BUS: bus.eventBusName },
  });
  new CfnOutput(work, 'Name', { value: bus.eventBusName });
  new Queue(new Stack(new Stage(app, 'Beta'), 'Inner'), 'Queue');
  app.synth();
  return outdir;
}

describe('loading what CDK synthesizes', () => {
  const dir = synthesize();
  const loaded = loadAssembly(dir);

  test('stacks come in dependency order, those of stages too, under their CloudFormation names', () => {
    const names = loaded.stacks.map(({ name }) => name);
    expect([...names].sort()).toEqual(['A-Work', 'Beta-Inner', 'TheState']);
    expect(names.indexOf('TheState')).toBeLessThan(names.indexOf('A-Work'));
  });

  test('a function leads to its staged folder by its S3 key', () => {
    const work = loaded.stacks.find(({ name }) => name === 'A-Work')!;
    const fn = Object.values(work.template.Resources).find(({ Type }) => Type === 'AWS::Lambda::Function')!;
    const key = fn.Properties!.Code.S3Key;
    expect(loaded.assetDir(key)).toBe(join(dir, `asset.${key.replace('.zip', '')}`));
    expect(loaded.assetDir('nobody.zip')).toBeUndefined();
  });

  test('construct paths come without CDK’s own child names', () => {
    const work = loaded.stacks.find(({ name }) => name === 'A-Work')!;
    const [logicalId] = Object.entries(work.template.Resources).find(
      ([, { Type }]) => Type === 'AWS::Lambda::Function',
    )!;
    expect(work.constructPath(logicalId)).toBe('A-Work/Fn');
    expect(work.constructPath('NobodyKnows')).toBe('NobodyKnows');
  });
});

describe('an assembly that cannot be read', () => {
  const empty = { Resources: {} };
  const failure = (dir: string): AssemblyError => {
    try {
      loadAssembly(dir);
    } catch (error) {
      return error as AssemblyError;
    }
    throw new Error('it was read');
  };

  test.each<[string, () => string, string, RegExp]>([
    ['no manifest', () => folder({}), 'manifest.json', /no such file/],
    ['a manifest that is not JSON', () => folder({ 'manifest.json': '{' }), 'manifest.json', /not JSON/],
    ['a manifest without artifacts', () => folder({ 'manifest.json': {} }), 'manifest.json', /no 'artifacts'/],
    ['no stack', () => folder({ 'manifest.json': { artifacts: {} } }), 'manifest.json', /no stack/],
    [
      'a missing template',
      () => {
        const dir = assembly({ One: { template: empty } });
        rmSync(join(dir, 'One.template.json'));
        return dir;
      },
      'One.template.json',
      /no such file/,
    ],
    [
      'a corrupt template',
      () => {
        const dir = assembly({ One: { template: empty } });
        writeFileSync(join(dir, 'One.template.json'), '[1, 2');
        return dir;
      },
      'One.template.json',
      /not JSON/,
    ],
    ['a template without resources', () => assembly({ One: { template: {} } }), 'One.template.json', /no 'Resources'/],
    [
      'a resource without a type',
      () => assembly({ One: { template: { Resources: { X: {} } } } }),
      'One.template.json',
      /'X' has no 'Type'/,
    ],
    [
      'a missing asset',
      () => {
        const dir = synthesize();
        for (const { template } of loadAssembly(dir).stacks) {
          for (const { Type, Properties } of Object.values(template.Resources)) {
            if (Type === 'AWS::Lambda::Function')
              rmSync(join(dir, `asset.${Properties!.Code.S3Key.replace('.zip', '')}`), { recursive: true });
          }
        }
        return dir;
      },
      'asset.',
      /is not there/,
    ],
    [
      'stacks in a circle',
      () => assembly({ One: { template: empty, after: ['Two'] }, Two: { template: empty, after: ['One'] } }),
      'manifest.json',
      /depend on each other: One -> Two -> One/,
    ],
  ])('%s', (_, make, file, what) => {
    const error = failure(make());
    expect(error).toBeInstanceOf(AssemblyError);
    expect(error.file).toContain(file);
    expect(error.what).toMatch(what);
    expect(error.remedy).not.toBe('');
  });
});
