/** The general properties: what they forgive, and what they do not. */
import { runSeed } from '../../lib/sim';
import { assembly, removeFolders } from '../local/assembly/support';

afterAll(removeFolders);

const arnOf = (logicalId: string): object => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const failing = (more: object = {}): object => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: arnOf('Role'),
    Code: { ZipFile: "exports.handler = async () => { throw new Error('not today'); };" },
    ...more,
  },
});
const rule = (target: string, when: object): object => ({
  Type: 'AWS::Events::Rule',
  Properties: { ...when, Targets: [{ Id: 't', Arn: arnOf(target) }] },
});
const template = (resources: object): object => ({
  Resources: {
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
    Letters: { Type: 'AWS::SQS::Queue' },
    ...resources,
  },
  Outputs: { BusName: { Value: 'default' } },
});

test.each([
  [
    'for a tick of its schedule: the next one comes',
    { Fails: failing(), R: rule('Fails', { ScheduleExpression: 'rate(5 minutes)' }) },
    0,
  ],
  [
    'for an event that nobody keeps: it is lost',
    { Fails: failing(), R: rule('Fails', { EventPattern: { source: ['shop'] } }) },
    1,
  ],
  [
    'for an event that goes to its dead letters',
    {
      Fails: failing({ DeadLetterConfig: { TargetArn: arnOf('Letters') } }),
      R: rule('Fails', { EventPattern: { source: ['shop'] } }),
    },
    0,
  ],
])('a function is given up %s', async (_, resources, violations) => {
  const result = await runSeed({
    assembly: assembly({ App: { template: template(resources) as any } }),
    workload: {
      name: 'one sale',
      run: (app) => app.publish({ source: 'shop', detailType: 'Sold', detail: { id: 'sale-1' } }),
    },
    properties: [],
    seed: '1',
    faults: [],
    disturbMinutes: 10,
    keepTrace: true,
  });
  expect(result.trace!.some(({ kind }) => kind === 'async-failed')).toBe(true);
  expect(result.violations.map(({ property }) => property)).toEqual(Array(violations).fill('handled-or-dead-lettered'));
});
