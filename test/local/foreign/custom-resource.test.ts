/**
 * Custom resources of other people's apps, as their templates hold them.
 * Source: CloudFormation User Guide, "Custom resource reference"; aws-cdk-lib/custom-resources (Provider).
 */
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { assembly, removeFolders } from '../assembly/support';

afterAll(removeFolders);

let run: LocalRun | undefined;
afterEach(async () => {
  await run?.stop();
  run = undefined;
});

const inline = (ZipFile: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/r',
    Code: { ZipFile },
    ...more,
  },
});
const custom = (provider: string, properties: object = {}, Type = 'Custom::Thing') => ({
  Type,
  Metadata: { 'aws:cdk:path': 'App/Some/Thing/Default' },
  Properties: { ServiceToken: { 'Fn::GetAtt': [provider, 'Arn'] }, ...properties },
});
/** As CDK's own providers answer: https, the host, and no port of the URL's. */
const sender = `
const https = require('https');
const send = (event, body) => new Promise((resolve, reject) => {
  const { hostname, pathname, search } = new URL(event.ResponseURL);
  const text = JSON.stringify({ StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...body });
  https.request({ hostname, path: pathname + search, method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(text) } },
    (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject).end(text);
});`;
const provider = inline(`${sender}
exports.handler = async (event) => {
  await send(event, { Status: 'SUCCESS', PhysicalResourceId: 'thing-' + event.ResourceProperties.Size, Data: {
    Name: 'made-' + event.ResourceProperties.Size, Saw: JSON.stringify([event.RequestType, event.ResourceType, event.ResourceProperties.Flag, event.OldResourceProperties?.Size]) } });
};`);
const start = async (Resources: object, Outputs: object = {}): Promise<LocalRun> => {
  run = await startLocal({ assemblyDir: assembly({ App: { template: { Resources, Outputs } } }), port: 0 });
  return run;
};
const outputs = (): Record<string, string> =>
  Object.fromEntries(run!.plan.outputs.flatMap((stack) => stack.outputs.map(({ key, value }) => [key, value])));
const shown = {
  Id: { Value: { Ref: 'Thing' } },
  Name: { Value: { 'Fn::Sub': 'is $' + '{Thing.Name}' } },
  Saw: { Value: { 'Fn::GetAtt': ['Thing', 'Saw'] } },
};

test('its function runs, and what it answers is used by queues, outputs and other custom resources', async () => {
  const { world } = await start(
    {
      // Before what it waits for.
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q', Tags: [], KmsMasterKeyId: { Ref: 'Second' } } },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: { EventPattern: { source: [{ 'Fn::GetAtt': ['Thing', 'Name'] }] } },
      },
      Second: custom('Provider', { Size: { 'Fn::GetAtt': ['Thing', 'Name'] } }, 'AWS::CloudFormation::CustomResource'),
      Thing: custom('Provider', { Size: 3, Flag: true }),
      Provider: provider,
    },
    { ...shown, Second: { Value: { Ref: 'Second' } } },
  );
  expect(outputs()).toEqual({
    Id: 'thing-3',
    Name: 'is made-3',
    Saw: '["Create","Custom::Thing","true",null]',
    Second: 'thing-made-3',
  });
  const { Rules } = world.requestNow('events', 'ListRules', {}).output;
  expect(JSON.parse(Rules[0].EventPattern)).toEqual({ source: ['made-3'] });
});

test('another synthesis asks again only for what says something else', async () => {
  await start({ Thing: custom('Provider', { Size: 3 }), Provider: provider }, shown);
  const again = (Size: number): string =>
    assembly({
      App: { template: { Resources: { Thing: custom('Provider', { Size }), Provider: provider }, Outputs: shown } },
    });
  expect(await run!.apply(again(3))).toMatchObject({ added: [], changed: [], removed: [] });
  expect(outputs().Id).toBe('thing-3');
  expect(await run!.apply(again(4))).toMatchObject({ changed: ['App/Some/Thing (Custom::Thing)'] });
  expect(outputs()).toMatchObject({ Id: 'thing-4', Saw: '["Update","Custom::Thing",null,"3"]' });
});

test.each<[string, object, RegExp]>([
  [
    'says no',
    {
      Thing: custom('P'),
      P: inline(`${sender} exports.handler = (e) => send(e, { Status: 'FAILED', Reason: 'no such zone' });`),
    },
    /^App: App\/Some\/Thing \(Custom::Thing\) could not be created: its function answered FAILED: no such zone$/,
  ],
  [
    'throws',
    { Thing: custom('P'), P: inline(`exports.handler = async () => { throw new RangeError('too far'); };`) },
    /its function ended with RangeError: too far/,
  ],
  [
    'says nothing',
    { Thing: custom('P', { ServiceTimeout: 0 }), P: inline('exports.handler = async () => 1;') },
    /nothing came to its ResponseURL within 0 s/,
  ],
  [
    'leaves out what is asked for',
    {
      Thing: custom('Provider', { Size: 1 }),
      Provider: provider,
      Q: custom('Provider', { Size: { 'Fn::GetAtt': ['Thing', 'Colour'] } }),
    },
    /Vendor response doesn't contain Colour attribute in object: App\/Thing answered Name, Saw/,
  ],
  [
    'waits for itself',
    { Thing: custom('Provider', { Size: { Ref: 'Thing' } }), Provider: provider },
    /wait for each other or for themselves: App\/Some\/Thing/,
  ],
  [
    'is made by a topic',
    { Thing: { ...custom('Provider'), Properties: { ServiceToken: 'arn:aws:sns:us-east-1:123456789012:t' } } },
    /App\/Some\/Thing \(Custom::Thing[\s\S]*only a function of this assembly/,
  ],
])('a custom resource that %s ends the start with the reason', async (_, resources, said) => {
  await expect(start(resources)).rejects.toThrow(said);
});
