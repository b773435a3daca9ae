import { resourceTypes } from '../../../lib/local/services/observers';
import type { IdentifyContext, Identity } from '../../../lib/local/services/resource-type';

function identify(type: string, properties: Record<string, unknown> = {}, logicalId = 'Thing'): Identity {
  const context: IdentifyContext = {
    stackName: 'Stack',
    logicalId,
    account: '123456789012',
    region: 'eu-central-1',
    endpoint: '',
    property: (name) => properties[name],
    uniqueName: ({ suffix = '' } = {}) => `Stack-${logicalId}-X${suffix}`,
  };
  return resourceTypes[type]!.identify(context);
}

// Source: CloudFormation template reference, "Return values" of each type.
test.each<[string, Record<string, unknown>, Identity]>([
  [
    'AWS::IAM::Role',
    { RoleName: 'worker', Path: '/team/' },
    {
      ref: 'worker',
      attributes: {
        Arn: 'arn:aws:iam::123456789012:role/team/worker',
        RoleId: expect.stringMatching(/^AROA[0-9A-F]{17}$/),
      },
    },
  ],
  [
    'AWS::IAM::Role',
    {},
    {
      ref: 'Stack-Thing-X',
      attributes: { Arn: 'arn:aws:iam::123456789012:role/Stack-Thing-X', RoleId: expect.any(String) },
    },
  ],
  [
    'AWS::IAM::ManagedPolicy',
    {},
    {
      ref: 'arn:aws:iam::123456789012:policy/Stack-Thing-X',
      attributes: {
        PolicyArn: 'arn:aws:iam::123456789012:policy/Stack-Thing-X',
        PolicyId: expect.stringMatching(/^ANPA/),
      },
    },
  ],
  [
    'AWS::CloudWatch::Alarm',
    { AlarmName: 'a' },
    { ref: 'a', attributes: { Arn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a' } },
  ],
  ['AWS::CloudWatch::Dashboard', {}, { ref: 'Stack-Thing-X', attributes: {} }],
  ['AWS::KMS::Alias', { AliasName: 'alias/k' }, { ref: 'alias/k', attributes: {} }],
  ['AWS::CDK::Metadata', {}, { ref: 'Thing', attributes: {} }],
])('%s %j', (type, properties, identity) => {
  expect(identify(type, properties)).toEqual(identity);
});

test('a made-up id is the same at every start, and another for each resource', () => {
  const { ref, attributes } = identify('AWS::KMS::Key');
  expect(ref).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(attributes).toEqual({ Arn: `arn:aws:kms:eu-central-1:123456789012:key/${ref}`, KeyId: ref });
  expect(identify('AWS::KMS::Key').ref).toBe(ref);
  expect(identify('AWS::KMS::Key', {}, 'Other').ref).not.toBe(ref);
});

test('all of them create nothing and say why', () => {
  for (const [type, { observes, create }] of Object.entries(resourceTypes)) {
    expect([type, create({} as Parameters<typeof create>[0])]).toEqual([type, []]);
    expect([type, observes]).toEqual([type, expect.stringMatching(/\w+ \w+/)]);
  }
});
