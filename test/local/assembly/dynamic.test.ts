// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub.
/**
 * Dynamic references and what else a template's resources say of each other.
 * Source: CloudFormation User Guide, "Dynamic references"; "DependsOn attribute"; AWS::SSM::Parameter::Value types.
 */
import { loadAssembly, type Plan, planResources } from '../../../lib/local/assembly';
import { resourceTypes as parameterTypes } from '../../../lib/local/services/parameter';
import type { ResourceTypes } from '../../../lib/local/services/resource-type';
import { resourceTypes as secretTypes } from '../../../lib/local/services/secret';
import { assembly, removeFolders } from './support';

afterAll(removeFolders);

const types: ResourceTypes = {
  ...parameterTypes,
  ...secretTypes,
  'Test::User': {
    modelled: ['Is'],
    identify: ({ logicalId }) => ({ ref: logicalId, attributes: {} }),
    create: ({ props }) => [{ service: 'sqs', operation: 'Use', input: props.Is }],
  },
};
const plan = (template: object, other: object = { Resources: {} }, seed = 'one'): Plan =>
  planResources(loadAssembly(assembly({ One: { template }, Other: { template: other } })), types, {
    account: '123456789012',
    region: 'us-east-1',
    endpoint: 'http://here',
    seed,
  });

const secret = (Properties: object) => ({ Type: 'AWS::SecretsManager::Secret', Properties });
const store = {
  Resources: {
    Suffix: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/suffix', Type: 'String', Value: 'eu' } },
    Host: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Name: '/db/host', Type: 'String', Value: 'db.{{resolve:ssm:/suffix}}' },
    },
    Unnamed: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'u' } },
    Db: secret({ Name: 'db', SecretString: '{"user":"ada","port":5432}' }),
    Plain: secret({ Name: 'plain', SecretString: 'word' }),
    Empty: secret({ Name: 'empty' }),
  },
};
const use = (Is: unknown): unknown => {
  const made = plan({ Resources: { U: { Type: 'Test::User', Properties: { Is } } } }, store);
  return made.resources.find(({ logicalId }) => logicalId === 'U')!.requests[0]!.input;
};

test.each<[string, unknown, string]>([
  ['of SSM, which holds one itself', 'at {{resolve:ssm:/db/host}}!', 'at db.eu!'],
  ['with a version', '{{resolve:ssm:/suffix:3}}', 'eu'],
  ['secure', '{{resolve:ssm-secure:/suffix:1}}', 'eu'],
  ['a whole secret', '{{resolve:secretsmanager:plain}}', 'word'],
  ['a key of a secret', '{{resolve:secretsmanager:db:SecretString:user::}}', 'ada'],
  [
    'a key that is a number',
    { 'Fn::Sub': '{{resolve:secretsmanager:db:SecretString:port}}/${AWS::Region}' },
    '5432/us-east-1',
  ],
])('a reference: %s', (_, given, expected) => expect(use(given)).toBe(expected));

test('a name that is made up is asked for by Ref', () => {
  const Is = { 'Fn::Join': ['', ['{{resolve:ssm:', { Ref: 'P' }, '}}']] };
  const P = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'mine' } };
  const made = plan({ Resources: { P, U: { Type: 'Test::User', Properties: { Is } } } });
  expect(made.resources.find(({ logicalId }) => logicalId === 'U')!.requests[0]!.input).toBe('mine');
});

test.each<[string, string, RegExp]>([
  [
    'an unknown parameter',
    '{{resolve:ssm:/no}}',
    /One.*\n +Is: .*no stack of this assembly declares the parameter '\/no'/,
  ],
  ['an unknown secret', '{{resolve:secretsmanager:no}}', /declares the secret 'no'/],
  ['an unknown key', '{{resolve:secretsmanager:db:SecretString:pass}}', /the secret 'db' has no key 'pass'/],
  ['a key of what is no JSON', '{{resolve:secretsmanager:plain:SecretString:x}}', /'plain' is not JSON/],
  ['a secret without a value', '{{resolve:secretsmanager:empty}}', /the secret 'empty' has no value yet/],
  ['another service', '{{resolve:vault:x}}', /'vault' is not known; known: ssm, ssm-secure, secretsmanager/],
])('refused: %s', (_, given, said) => expect(() => use(given)).toThrow(said));

test('a generated secret is the same wherever it is asked for, and in every plan of the run', () => {
  const Is = {
    'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'S' }, ':SecretString:password::}}']],
  };
  const S = secret({
    GenerateSecretString: { SecretStringTemplate: '{"user":"ada"}', GenerateStringKey: 'password', PasswordLength: 20 },
  });
  const values = (seed: string): string[] => {
    const { resources } = plan(
      { Resources: { S, T: S, U: { Type: 'Test::User', Properties: { Is } } } },
      undefined,
      seed,
    );
    const input = (id: string) => resources.find(({ logicalId }) => logicalId === id)!.requests[0]!.input;
    return [input('U'), JSON.parse(input('S').SecretString).password, JSON.parse(input('T').SecretString).password];
  };
  const [used, own, other] = values('one');
  expect(used).toMatch(/^.{20}$/);
  expect(own).toBe(used);
  expect(other).not.toBe(used);
  expect(values('one')).toEqual([used, own, other]);
  expect(values('two')[0]).not.toBe(used);
});

test('a parameter of a type that reads SSM has the value of the entry', () => {
  const made = plan(
    {
      Parameters: { Host: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/db/host' } },
      Resources: {},
      Outputs: { Host: { Value: { Ref: 'Host' } } },
    },
    store,
  );
  expect(made.outputs.flatMap(({ outputs }) => outputs)[0]).toMatchObject({ key: 'Host', value: 'db.eu' });
});

test('a circle of DependsOn is named, and so is a name that nothing has', () => {
  const user = (DependsOn: string) => ({ Type: 'Test::User', DependsOn });
  expect(() => plan({ Resources: { A: user('B'), B: user('C'), C: user('A') } })).toThrow(
    /resources depend on each other: A -> B -> C -> A/,
  );
  expect(() => plan({ Resources: { A: user('Nobody') } })).toThrow(/DependsOn: the stack has no resource 'Nobody'/);
  const gone = { Type: 'Test::User', Condition: 'Never' };
  const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
  expect(plan({ Conditions, Resources: { A: user('Gone'), Gone: gone } }).resources).toHaveLength(1);
});

test.each<[string, RegExp]>([
  ['AWS::Serverless::Function', /SAM types/],
  ['AWS::CloudFormation::WaitCondition', /wait condition/],
  ['AWS::CloudFormation::Stack', /nested stacks are not modelled/],
  ['AWS::ApiGatewayV2::Api', /API Gateway is not modelled/],
])('%s is refused by name, with its stack and path', (Type, said) => {
  const Metadata = { 'aws:cdk:path': 'One/Some/Path/Resource' };
  expect(() => plan({ Resources: { X: { Type, Metadata } } })).toThrow(said);
  expect(() => plan({ Resources: { X: { Type, Metadata } } })).toThrow(`One/Some/Path (${Type}, X in stack One)`);
});
