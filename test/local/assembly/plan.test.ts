// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub.
import { loadAssembly, type Plan, type PlanContext, planResources, RefusedError } from '../../../lib/local/assembly';
import { resourceTypes as observers } from '../../../lib/local/services/observers';
import type { ResourceTypes } from '../../../lib/local/services/resource-type';
import { assembly, removeFolders } from './support';

afterAll(removeFolders);

const types: ResourceTypes = {
  'AWS::CDK::Metadata': observers['AWS::CDK::Metadata']!,
  'Test::Queue': {
    modelled: ['Name', 'Delay', 'Redrive', 'Replicas.*.Region', 'Tags'],
    ignored: { Encryption: 'encryption is not observable here' },
    phase: 0,
    identify: (context) => {
      const name = context.property('Name') ?? context.uniqueName({ maxLength: 40 });
      return {
        ref: `${context.endpoint}/${name}`,
        attributes: { Arn: `arn:${context.region}:${context.account}:${name}`, 'Deep.Port': 7 },
      };
    },
    create: ({ props, identity, constructPath }) => [
      { service: 'sqs', operation: 'CreateQueue', input: { ...props, constructPath, url: identity.ref } },
    ],
  },
  'Test::Link': {
    modelled: ['From', 'To'],
    phase: 2,
    identify: ({ logicalId }) => ({ ref: logicalId, attributes: {} }),
    create: ({ props }) => [{ service: 'events', operation: 'Link', input: props }],
  },
  'Test::Alarm': {
    modelled: [],
    observes: 'only observes',
    ignored: { Metric: 'never evaluated' },
    identify: ({ logicalId }) => ({ ref: logicalId, attributes: {} }),
    create: () => [],
  },
};

function plan(stacks: Parameters<typeof assembly>[0], more: Partial<PlanContext> = {}): Plan {
  const context = { account: '123456789012', region: 'us-east-1', endpoint: 'http://here', ...more };
  return planResources(loadAssembly(assembly(stacks)), types, context);
}
const one = (template: object, more?: Partial<PlanContext>): Plan => plan({ One: { template } }, more);
const inputs = (made: Plan): Record<string, any> =>
  Object.fromEntries(made.resources.map((item) => [item.logicalId, item.requests[0]?.input]));
const refusals = (act: () => unknown): RefusedError => {
  try {
    act();
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('planning', () => {
  test('references need no order, also in a circle', () => {
    const made = one({
      Resources: {
        A: { Type: 'Test::Queue', Properties: { Name: 'a', Redrive: { 'Fn::GetAtt': ['B', 'Arn'] } } },
        B: { Type: 'Test::Queue', Properties: { Name: 'b', Redrive: { 'Fn::GetAtt': 'A.Arn' } } },
      },
    });
    expect(inputs(made).A.Redrive).toBe('arn:us-east-1:123456789012:b');
    expect(inputs(made).B.Redrive).toBe('arn:us-east-1:123456789012:a');
  });

  test('a name may be made of another resource’s name; a name of itself is left to the type', () => {
    const made = one({
      Resources: {
        A: { Type: 'Test::Queue', Properties: { Name: { 'Fn::Join': ['', [{ Ref: 'B' }, '-dead']] } } },
        B: { Type: 'Test::Queue', Properties: { Name: 'b' } },
      },
    });
    expect(made.resources.find(({ logicalId }) => logicalId === 'A')!.identity.ref).toBe(
      'http://here/http://here/b-dead',
    );
    const circle = { Resources: { A: { Type: 'Test::Queue', Properties: { Name: { Ref: 'A' } } } } };
    expect(one(circle).resources[0]!.identity.ref).toMatch(/^http:\/\/here\/One-A-[A-Z0-9]{12}$/);
  });

  test('made-up names are equal in every run, unequal for unequal resources, and not too long', () => {
    const resources = {
      VeryLongLogicalIdentifierOfAQueue1A2B3C4D: { Type: 'Test::Queue' },
      B: { Type: 'Test::Queue' },
    };
    const names = () =>
      one({ Resources: resources }).resources.map(({ identity }) => identity.ref.replace('http://here/', ''));
    expect(names()).toEqual(names());
    expect(new Set(names()).size).toBe(2);
    expect(names()[0]).toMatch(/^One-VeryLongLogicalIdentif[A-Za-z]*-[A-Z0-9]{12}$/);
    expect(names()[0]!.length).toBeLessThanOrEqual(40);
    const alike = { [`${'a'.repeat(60)}1`]: { Type: 'Test::Queue' }, [`${'a'.repeat(60)}2`]: { Type: 'Test::Queue' } };
    expect(new Set(one({ Resources: alike }).resources.map(({ identity }) => identity.ref)).size).toBe(2);
  });

  test('conditions take resources, properties and outputs away', () => {
    const made = one({
      Parameters: { Stage: { Type: 'String', Default: 'test' } },
      Conditions: { Live: { 'Fn::Equals': [{ Ref: 'Stage' }, 'live'] }, Else: { 'Fn::Not': [{ Condition: 'Live' }] } },
      Resources: {
        Gone: { Type: 'Not::Modelled', Condition: 'Live' },
        Here: {
          Type: 'Test::Queue',
          Condition: 'Else',
          Properties: { Name: 'q', NotModelled: { 'Fn::If': ['Live', 1, { Ref: 'AWS::NoValue' }] } },
        },
      },
      Outputs: {
        No: { Condition: 'Live', Value: { Ref: 'Gone' } },
        Yes: { Value: { Ref: 'Here' }, Description: 'url' },
      },
    });
    expect(made.resources.map(({ logicalId }) => logicalId)).toEqual(['Here']);
    expect(inputs(made).Here).toEqual({ Name: 'q', constructPath: 'Here', url: 'http://here/q' });
    expect(made.outputs).toEqual([
      { stackName: 'One', outputs: [{ key: 'Yes', value: 'http://here/q', description: 'url' }] },
    ]);
  });

  test('pseudo parameters, parameters given for all stacks and for one', () => {
    const template = {
      Parameters: { P: { Type: 'Number', Default: 1 }, Q: { Type: 'CommaDelimitedList', Default: 'a, b' } },
      Resources: {},
      Outputs: {
        Arn: {
          Value: {
            'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}.${AWS::URLSuffix}',
          },
        },
        Id: { Value: { Ref: 'AWS::StackId' } },
        P: { Value: { Ref: 'P' } },
        Q: { Value: { 'Fn::Select': [1, { Ref: 'Q' }] } },
      },
    };
    const [first, second] = plan(
      { One: { template }, Two: { template } },
      { parameters: { P: '5', 'Two:P': '6' } },
    ).outputs;
    const value = (stack: typeof first, key: string) => stack!.outputs.find((output) => output.key === key)!.value;
    expect(value(first, 'Arn')).toBe('arn:aws:sqs:us-east-1:123456789012:One.amazonaws.com');
    expect(value(first, 'Id')).toMatch(
      /^arn:aws:cloudformation:us-east-1:123456789012:stack\/One\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect([value(first, 'P'), value(second, 'P'), value(first, 'Q')]).toEqual(['5', '6', 'b']);
  });

  test('CDK’s bootstrap parameter and rule ask for nothing', () => {
    const made = one({
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [{ Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1'], { Ref: 'BootstrapVersion' }] }] } }],
        },
      },
      Resources: { CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:x' } } },
    });
    expect(made.ignored).toEqual([
      { stackName: 'One', logicalId: 'CheckBootstrapVersion', why: expect.stringContaining('nothing is deployed') },
    ]);
    expect(made.observers.map(({ type }) => type)).toEqual(['AWS::CDK::Metadata']);
  });

  test('values cross stacks by export and by stack output, whatever the order', () => {
    const made = plan({
      Reader: {
        template: {
          Resources: {
            Link: {
              Type: 'Test::Link',
              Properties: {
                From: { 'Fn::ImportValue': 'One:Bus' },
                To: { 'Fn::GetStackOutput': { StackName: 'One', OutputName: 'Q' } },
              },
            },
          },
        },
        after: ['One'],
      },
      One: {
        template: {
          Resources: { Q: { Type: 'Test::Queue', Properties: { Name: 'q' } } },
          Outputs: {
            Q: { Value: { 'Fn::GetAtt': ['Q', 'Arn'] }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Bus' } } },
          },
        },
      },
    });
    expect(inputs(made).Link).toEqual({ From: 'arn:us-east-1:123456789012:q', To: 'arn:us-east-1:123456789012:q' });
    expect(made.outputs.map(({ stackName }) => stackName)).toEqual(['One', 'Reader']);
    expect(made.outputs[0]!.outputs[0]).toMatchObject({ key: 'Q', exportName: 'One:Bus' });
  });

  test('creation order: phase, then DependsOn, then the template', () => {
    const made = one({
      Resources: {
        L2: { Type: 'Test::Link', DependsOn: ['L3'] },
        Alarm: { Type: 'Test::Alarm', Properties: { Metric: 'x' } },
        L3: { Type: 'Test::Link' },
        Q2: { Type: 'Test::Queue', DependsOn: 'Q1' },
        Q1: { Type: 'Test::Queue' },
      },
    });
    expect(made.resources.map(({ logicalId }) => logicalId)).toEqual(['Q1', 'Q2', 'Alarm', 'L3', 'L2']);
    expect(made.observers.map(({ logicalId, observes }) => [logicalId, observes])).toEqual([
      ['Alarm', 'only observes'],
    ]);
    expect(made.ignored).toEqual([
      { stackName: 'One', logicalId: 'Alarm', property: 'Metric', why: 'never evaluated' },
    ]);
  });
});

describe('refusing', () => {
  const bad = {
    Transform: 'AWS::Serverless-2016-10-31',
    Parameters: {
      Missing: { Type: 'String' },
      Secret: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/secret' },
    },
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Metadata: { 'aws:cdk:path': 'One/Orders/Topic/Resource' } },
      Custom: { Type: 'Custom::S3AutoDeleteObjects' },
      Queue: {
        Type: 'Test::Queue',
        Properties: {
          Name: 'q',
          Encryption: 'x',
          Delay: { deep: { unknown: 'is covered' } },
          Colour: 'red',
          Replicas: [{ Region: 'us-east-1', Class: 'cold' }],
          Tags: [{ Ref: 'Topic' }, { 'Fn::GetAtt': ['Topic', 'Arn'] }],
          Redrive: { 'Fn::GetAtt': ['Queue', 'Size'] },
        },
      },
      Link: { Type: 'Test::Link', Properties: { From: { Ref: 'Missing' }, To: '{{resolve:ssm:/x}}' } },
    },
    Outputs: { Bad: { Value: { 'Fn::ImportValue': 'nobody' } }, Store: { Value: { Ref: 'Secret' } } },
  };

  test('everything at once, each by name', () => {
    const error = refusals(() => one(bad));
    const told = error.refusals
      .map(({ logicalId, property, why }) => `${logicalId}${property ? `.${property}` : ''}: ${why}`)
      .sort();
    expect(told).toEqual([
      expect.stringMatching(/^Bad: .*no stack of this assembly exports 'nobody'/),
      expect.stringMatching(/^Custom: custom resources/),
      expect.stringMatching(/^Link\.From: the parameter 'Missing' has no default/),
      expect.stringMatching(
        /^Link\.To: \{\{resolve:ssm:\/x\}\}: no stack of this assembly declares the parameter '\/x'/,
      ),
      expect.stringMatching(/^Queue\.Colour: the property is not modelled/),
      expect.stringMatching(
        /^Queue\.Redrive: the attribute Size of Queue \(Test::Queue\) is not modelled; modelled: Arn, Deep\.Port/,
      ),
      expect.stringMatching(/^Queue\.Replicas\.0\.Class: the property is not modelled/),
      expect.stringMatching(/^Store: \{\{resolve:ssm:\/secret\}\}: no stack of this assembly declares/),
      expect.stringMatching(/^Topic: the type is not modelled/),
      expect.stringMatching(/^Transform: the macro/),
    ]);
    expect(error.message).toContain('10 things in this app cannot run here:');
    expect(error.message).toContain('One/Orders/Topic (AWS::SNS::Topic, Topic in stack One)');
    expect(error.message).toContain('--allow-unmodelled');
  });

  test('what is allowed is listed, and the rest is planned', () => {
    const made = one(bad, { allowUnmodelled: true });
    expect(made.refusals).toHaveLength(10);
    expect(inputs(made).Queue).toMatchObject({
      Name: 'q',
      Tags: [expect.stringMatching(/^One-Topic-/), expect.stringMatching(/^One-Topic-.*-Arn$/)],
    });
    expect(made.observers.map(({ logicalId }) => logicalId).sort()).toEqual(['Custom', 'Topic']);
  });

  test('a resource that is taken away cannot be referred to', () => {
    const error = refusals(() =>
      one({
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] }, Loop: { 'Fn::Not': [{ Condition: 'Loop' }] } },
        Resources: {
          Gone: { Type: 'Test::Queue', Condition: 'Never' },
          Link: { Type: 'Test::Link', Properties: { From: { Ref: 'Gone' } } },
          Odd: { Type: 'Test::Queue', Condition: 'Loop' },
        },
      }),
    );
    expect(error.refusals.map(({ logicalId, property }) => [logicalId, property])).toEqual([
      ['Odd', 'Condition'],
      ['Link', 'From'],
    ]);
    expect(error.refusals[0]!.why).toContain('depends on itself');
  });

  test('two stacks may not export one name', () => {
    const template = { Resources: {}, Outputs: { X: { Value: 'x', Export: { Name: 'same' } } } };
    expect(refusals(() => plan({ One: { template }, Two: { template } })).message).toContain(
      "the stack One exports 'same' as well",
    );
  });
});
