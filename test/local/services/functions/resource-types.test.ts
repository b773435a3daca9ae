import { unzipSync } from 'fflate';
import { resourceTypes } from '../../../../lib/local/services/functions';
import type { CreateContext, IdentifyContext } from '../../../../lib/local/services/resource-type';

const context = (props: Record<string, unknown>): IdentifyContext & CreateContext => ({
  stackName: 'Shop',
  logicalId: 'Greet',
  constructPath: 'Shop/Greet',
  account: '123456789012',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:4566',
  property: (name) => props[name],
  uniqueName: () => 'Shop-Greet-ABCDEFGHIJKL',
  props,
  identity: { ref: '', attributes: {} },
  assetDir: (key) => (key === 'abc.zip' ? '/cdk.out/asset.abc' : undefined),
});

function planned(type: string, props: Record<string, unknown>) {
  const given = context(props);
  const identity = resourceTypes[type]!.identify(given);
  return { identity, requests: () => resourceTypes[type]!.create({ ...given, identity }) };
}

test('a function: named, its code found by the asset, its concurrency set', () => {
  const { identity, requests } = planned('AWS::Lambda::Function', {
    Code: { S3Bucket: 'b', S3Key: 'abc.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    ReservedConcurrentExecutions: '7',
  });
  expect(identity).toEqual({
    ref: 'Shop-Greet-ABCDEFGHIJKL',
    attributes: { Arn: 'arn:aws:lambda:us-east-1:123456789012:function:Shop-Greet-ABCDEFGHIJKL' },
  });
  const FunctionName = identity.ref;
  expect(requests()).toEqual([
    {
      service: 'lambda',
      operation: 'CreateFunction',
      input: { FunctionName, Handler: 'index.handler', Runtime: 'nodejs24.x', Code: { $dir: '/cdk.out/asset.abc' } },
    },
    {
      service: 'lambda',
      operation: 'PutFunctionConcurrency',
      input: { FunctionName, ReservedConcurrentExecutions: 7 },
    },
  ]);
});

test('code that is no asset is refused, and what to do is said', () => {
  const { requests } = planned('AWS::Lambda::Function', { Code: { S3Bucket: 'own', S3Key: 'code.zip' } });
  expect(requests).toThrow(/Code of Greet is .*code\.zip.*not an asset.*Code\.fromAsset/);
});

test('inline code becomes an archive with index.js', () => {
  const text = 'exports.handler = async () => "grüß";';
  const { requests } = planned('AWS::Lambda::Function', { Code: { ZipFile: text } });
  const { ZipFile } = requests()[0]!.input.Code;
  const files = unzipSync(Buffer.from(ZipFile, 'base64'));
  expect(Object.keys(files)).toEqual(['index.js']);
  expect(Buffer.from(files['index.js']!).toString()).toBe(text);
  expect(requests()[0]!.input.Code.ZipFile).toBe(ZipFile);
});

test('a mapping has the same id in every run', () => {
  const one = planned('AWS::Lambda::EventSourceMapping', { FunctionName: 'f', EventSourceArn: 'arn:aws:sqs:a:b:q' });
  expect(one.identity.ref).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(planned('AWS::Lambda::EventSourceMapping', {}).identity).toEqual(one.identity);
  expect(one.requests()).toMatchObject([{ operation: 'CreateEventSourceMapping', input: { $uuid: one.identity.ref } }]);
});

test('layers and tumbling windows are not among what is modelled', () => {
  expect(resourceTypes['AWS::Lambda::LayerVersion']).toBeUndefined();
  expect(resourceTypes['AWS::Lambda::Function']!.modelled).not.toContain('Layers');
  expect(resourceTypes['AWS::Lambda::EventSourceMapping']!.modelled).not.toContain('TumblingWindowInSeconds');
});
