// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub.
import { evaluate, IntrinsicError, type Scope } from '../../../lib/local/assembly/intrinsics';

const scope: Scope = {
  region: 'us-east-1',
  ref(name) {
    const known: Record<string, unknown> = {
      Queue: 'http://q',
      Zones: ['a', 'b'],
      'AWS::NoValue': undefined,
      Seven: 7,
    };
    if (!(name in known)) throw new IntrinsicError(`no ${name}`);
    return known[name];
  },
  getAtt: (logicalId, attribute) => `${logicalId}!${attribute}`,
  findInMap: (map, top, second) => (map === 'Map' && top === 'us-east-1' && second === 'Size' ? 'big' : undefined),
  condition: (name) => name === 'Yes',
  importValue: (name) => `imported ${name}`,
  stackOutput: (stack, output) => `${stack}/${output}`,
  dynamic: (service, key) => `<${service} ${key}>`,
};

describe('intrinsic functions', () => {
  const cases: [string, unknown, unknown][] = [
    ['plain JSON stays', { a: [1, true, null, 'x'], b: {} }, { a: [1, true, null, 'x'], b: {} }],
    ['Ref', { Ref: 'Queue' }, 'http://q'],
    ['Ref to a list', { Ref: 'Zones' }, ['a', 'b']],
    ['NoValue takes the property away', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['NoValue takes the list element away', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Q', 'Arn'] }, 'Q!Arn'],
    ['GetAtt of a dotted attribute as a list', { 'Fn::GetAtt': ['Db', 'Endpoint.Port'] }, 'Db!Endpoint.Port'],
    ['GetAtt as a dotted string', { 'Fn::GetAtt': 'Db.Endpoint.Port' }, 'Db!Endpoint.Port'],
    ['Sub', { 'Fn::Sub': 'a-${Queue}-${Q.Arn}-${!Kept}-${Seven}' }, 'a-http://q-Q!Arn-${Kept}-7'],
    ['Sub with variables', { 'Fn::Sub': ['${X}/${Queue}', { X: { Ref: 'Seven' } }] }, '7/http://q'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Seven' }, 'c']] }, 'a-7-c'],
    ['Join of a list reference', { 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b'],
    ['Join leaves NoValue out', { 'Fn::Join': [',', ['a', { Ref: 'AWS::NoValue' }]] }, 'a'],
    ['Select', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    ['Select of Split', { 'Fn::Select': [2, { 'Fn::Split': ['/', 'x/y/z'] }] }, 'z'],
    ['FindInMap of an unknown reference', { 'Fn::FindInMap': ['Map', { Ref: 'Region' }, 'Size'] }, 'throws'],
    ['FindInMap of literals', { 'Fn::FindInMap': ['Map', 'us-east-1', 'Size'] }, 'big'],
    ['FindInMap with a default', { 'Fn::FindInMap': ['Map', 'x', 'Size', { DefaultValue: 'none' }] }, 'none'],
    ['FindInMap without an entry', { 'Fn::FindInMap': ['Map', 'x', 'Size'] }, 'throws'],
    ['If takes the first branch', { 'Fn::If': ['Yes', 'a', { Ref: 'Unknown' }] }, 'a'],
    ['If takes the second branch', { x: { 'Fn::If': ['No', 'a', { Ref: 'AWS::NoValue' }] } }, {}],
    ['Equals compares scalars as strings', { 'Fn::Equals': [{ Ref: 'Seven' }, '7'] }, true],
    ['And', { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
    ['Or', { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] }, true],
    ['Not', { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] }, true],
    ['Base64', { 'Fn::Base64': 'Grüße' }, 'R3LDvMOfZQ=='],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'bus-${Seven}' } }, 'imported bus-7'],
    ['GetStackOutput', { 'Fn::GetStackOutput': { StackName: 'State', OutputName: 'Bus' } }, 'State/Bus'],
    ['Cidr', { 'Fn::Cidr': ['10.0.0.0/16', 3, '8'] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
    ['Cidr of IPv6', { 'Fn::Cidr': ['2001:db8::/56', 2, 64] }, ['2001:db8::/64', '2001:db8:0:1::/64']],
    ['Cidr that does not fit', { 'Fn::Cidr': ['10.0.0.0/24', 2, 8] }, 'throws'],
    ['GetAZs', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['Length', { 'Fn::Length': { Ref: 'Zones' } }, 2],
    ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Seven' } } }, '{"a":7}'],
    [
      'an IAM statement keeps its Condition',
      { Effect: 'Allow', Condition: { Bool: { x: 'true' } } },
      { Effect: 'Allow', Condition: { Bool: { x: 'true' } } },
    ],
    ['Transform', { 'Fn::Transform': { Name: 'AWS::Include' } }, 'throws'],
    ['an unknown function', { 'Fn::Contains': [['1'], '1'] }, 'throws'],
    [
      'a dynamic reference within a text',
      { a: ['x {{resolve:secretsmanager:db:SecretString:password}} y'] },
      { a: ['x <secretsmanager db:SecretString:password> y'] },
    ],
    [
      'a dynamic reference in pieces',
      { 'Fn::Join': ['', ['{{resolve:ssm:', { Ref: 'Queue' }, '}}']] },
      '<ssm http://q>',
    ],
    ['a function beside another key', { Ref: 'Queue', Other: 1 }, 'throws'],
    ['an unknown name', { Ref: 'Nobody' }, 'throws'],
    ['Select out of range', { 'Fn::Select': [5, ['a']] }, 'throws'],
  ];
  test.each(cases)('%s', (_, input, expected) => {
    if (expected === 'throws') expect(() => evaluate(input, scope)).toThrow(IntrinsicError);
    else expect(evaluate(input, scope)).toEqual(expected);
  });
});
