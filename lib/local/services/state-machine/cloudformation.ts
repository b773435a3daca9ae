/**
 * AWS::StepFunctions::*. Source: CloudFormation template reference.
 * Refused by name: activities, and definitions that lie in S3.
 */
import type { ResourceTypes } from '../resource-type';
import type { Json } from '../service';

const tags = 'tags are kept by no one here that reads them';

export const resourceTypes: ResourceTypes = {
  'AWS::StepFunctions::StateMachine': {
    modelled: [
      'StateMachineName',
      'StateMachineType',
      'RoleArn',
      'DefinitionString',
      'Definition',
      'DefinitionSubstitutions',
    ],
    ignored: {
      LoggingConfiguration: 'the history and the trace of the local runtime take the place of execution logs',
      TracingConfiguration: 'X-Ray is not observable here',
      EncryptionConfiguration: 'encryption at rest is not observable here',
      Tags: tags,
    },
    phase: 1,
    identify: (context) => {
      const name = context.property('StateMachineName') ?? context.uniqueName({ maxLength: 80 });
      const arn = `arn:aws:states:${context.region}:${context.account}:stateMachine:${name}`;
      return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: 'INITIAL' } };
    },
    create: ({ props, identity, account }) => [
      {
        service: 'states',
        operation: 'CreateStateMachine',
        input: {
          name: identity.attributes.Name,
          type: props.StateMachineType ?? 'STANDARD',
          roleArn: roleArn(props.RoleArn, account),
          definition: definitionOf(props),
        },
      },
    ],
  },
  'AWS::StepFunctions::StateMachineVersion': {
    modelled: ['StateMachineArn', 'Description', 'StateMachineRevisionId'],
    phase: 2,
    identify: ({ property, region, account, uniqueName }) => {
      const machine = property('StateMachineArn') ?? `arn:aws:states:${region}:${account}:stateMachine:${uniqueName()}`;
      return { ref: `${machine}:1`, attributes: { Arn: `${machine}:1` } };
    },
    create: ({ props }) => [
      {
        service: 'states',
        operation: 'PublishStateMachineVersion',
        input: { stateMachineArn: props.StateMachineArn, description: props.Description },
      },
    ],
  },
  'AWS::StepFunctions::StateMachineAlias': {
    modelled: ['Name', 'Description', 'RoutingConfiguration', 'DeploymentPreference.StateMachineVersionArn'],
    ignored: { DeploymentPreference: 'there is nothing to shift from: each start is a first deployment' },
    phase: 2,
    identify: (context) => {
      const version = versionOf(context.property);
      const name = context.property('Name') ?? context.uniqueName({ maxLength: 80 });
      const machine =
        version?.split(':').slice(0, 7).join(':') ??
        `arn:aws:states:${context.region}:${context.account}:stateMachine:unknown`;
      return { ref: `${machine}:${name}`, attributes: { Arn: `${machine}:${name}` } };
    },
    create: ({ props, identity }) => [
      {
        service: 'states',
        operation: 'CreateStateMachineAlias',
        input: {
          name: identity.ref.split(':').at(-1),
          description: props.Description,
          routingConfiguration: props.RoutingConfiguration?.map(({ StateMachineVersionArn, Weight }: Json) => ({
            stateMachineVersionArn: StateMachineVersionArn,
            weight: Number(Weight),
          })) ?? [{ stateMachineVersionArn: props.DeploymentPreference?.StateMachineVersionArn, weight: 100 }],
        },
      },
    ],
  },
};

function versionOf(property: (name: string) => Json): string | undefined {
  const routed = property('RoutingConfiguration')?.[0]?.StateMachineVersionArn;
  const deployed = property('DeploymentPreference')?.StateMachineVersionArn;
  const version = routed ?? deployed;
  return typeof version === 'string' ? version : undefined;
}

/** The role is kept, never assumed; a template may leave it to a resource that only observes. */
const roleArn = (given: Json, account: string): string =>
  typeof given === 'string' && given.startsWith('arn:') ? given : `arn:aws:iam::${account}:role/local`;

/** `${Name}` in the text is replaced by what DefinitionSubstitutions says. */
function definitionOf({ DefinitionString, Definition, DefinitionSubstitutions = {} }: Json): string {
  const text = typeof DefinitionString === 'string' ? DefinitionString : JSON.stringify(DefinitionString ?? Definition);
  return text.replace(/\$\{(\w+)\}/g, (found, name: string) =>
    Object.hasOwn(DefinitionSubstitutions, name) ? String(DefinitionSubstitutions[name]) : found,
  );
}
