/** Source: CloudFormation template reference, AWS::StepFunctions. */

import type { CreateContext, IdentifyContext } from '../../../../lib/local/services/resource-type';
import type { Json } from '../../../../lib/local/services/service';
import { resourceTypes } from '../../../../lib/local/services/state-machine';
import { Harness, only, role } from './harness';

const place = { account: '123456789012', region: 'us-east-1', endpoint: 'http://local' };
const create = (type: string, props: Json, logicalId = 'Thing') => {
  const found = resourceTypes[type]!;
  const context = {
    ...place,
    stackName: 'App',
    logicalId,
    property: (name: string) => props[name],
    uniqueName: () => `App-${logicalId}-ABC`,
  } as IdentifyContext;
  const identity = found.identify(context);
  const requests = found.create({
    ...context,
    constructPath: logicalId,
    props,
    identity,
    assetDir: () => undefined,
  } as unknown as CreateContext);
  return { identity, requests };
};

/** As CloudFormation writes it. */
const substituted = (name: string): string => `\${${name}}`;

test('a machine from its text, with substitutions', () => {
  const DefinitionString = JSON.stringify(
    only({ Type: 'Task', Resource: substituted('Fn'), Comment: substituted('Other') }),
  );
  const { identity, requests } = create('AWS::StepFunctions::StateMachine', {
    DefinitionString,
    DefinitionSubstitutions: { Fn: 'arn:aws:lambda:us-east-1:123456789012:function:f' },
    RoleArn: role,
  });
  expect(identity.ref).toBe('arn:aws:states:us-east-1:123456789012:stateMachine:App-Thing-ABC');
  expect(identity.attributes).toMatchObject({ Arn: identity.ref, Name: 'App-Thing-ABC' });
  const { States } = JSON.parse(requests[0]!.input.definition);
  expect(States.S).toMatchObject({
    Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f',
    Comment: substituted('Other'),
  });
  expect(new Harness().must(requests[0]!.operation, requests[0]!.input).stateMachineArn).toBe(identity.ref);
});

test('a machine, its version and an alias that runs it', () => {
  const harness = new Harness();
  const made = (type: string, props: Json): string => {
    const { identity, requests } = create(type, props);
    for (const { operation, input } of requests) harness.must(operation, input);
    return identity.ref;
  };
  const machine = made('AWS::StepFunctions::StateMachine', {
    Definition: only({ Type: 'Pass', Result: 1 }),
    RoleArn: role,
    StateMachineType: 'STANDARD',
  });
  const version = made('AWS::StepFunctions::StateMachineVersion', { StateMachineArn: machine });
  const routing = [{ StateMachineVersionArn: version, Weight: '100' }];
  const alias = made('AWS::StepFunctions::StateMachineAlias', { Name: 'live', RoutingConfiguration: routing });
  expect([version, alias]).toEqual([`${machine}:1`, `${machine}:live`]);
  const { executionArn } = harness.must('StartExecution', { stateMachineArn: alias });
  expect(harness.ran(executionArn).output).toBe(1);
  expect(harness.must('DescribeExecution', { executionArn })).toMatchObject({
    stateMachineAliasArn: alias,
    stateMachineVersionArn: version,
  });
});

test('definitions in S3 and activities are not listed, so they are refused by name', () => {
  expect(resourceTypes['AWS::StepFunctions::StateMachine']?.modelled).not.toContain('DefinitionS3Location');
  expect(resourceTypes).not.toHaveProperty('AWS::StepFunctions::Activity');
});
