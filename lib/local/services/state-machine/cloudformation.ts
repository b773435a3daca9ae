/**
 * AWS::StepFunctions::*. Source: CloudFormation template reference.
 * Refused by name: activities, and definitions that lie in S3.
 * Differs: the version of a template has the number 1, also after a change of the machine in place. What runs keeps its own.
 */
import { createHash } from 'node:crypto';
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
      'LoggingConfiguration',
    ],
    ignored: {
      TracingConfiguration: 'X-Ray is not observable here',
      EncryptionConfiguration: 'encryption at rest is not observable here',
      Tags: tags,
    },
    phase: 0,
    identify: (context) => {
      const name = context.property('StateMachineName') ?? context.uniqueName({ maxLength: 80 });
      const arn = `arn:aws:states:${context.region}:${context.account}:stateMachine:${name}`;
      const attributes = {
        Arn: arn,
        Name: name,
        // Asked for when all that the definition names has a name itself.
        get StateMachineRevisionId(): string {
          const parts = ['DefinitionString', 'Definition', 'DefinitionSubstitutions', 'RoleArn'].map(context.property);
          return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
        },
      };
      return { ref: arn, attributes };
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
          loggingConfiguration: loggingOf(props.LoggingConfiguration),
        },
      },
    ],
  },
  'AWS::StepFunctions::StateMachineVersion': {
    modelled: ['StateMachineArn', 'Description', 'StateMachineRevisionId'],
    phase: 1,
    identify: ({ property, region, account, uniqueName }) => {
      const machine = property('StateMachineArn') ?? `arn:aws:states:${region}:${account}:stateMachine:${uniqueName()}`;
      return { ref: `${machine}:1`, attributes: { Arn: `${machine}:1` } };
    },
    create: ({ props }) => [
      {
        service: 'states',
        operation: '$publish',
        input: {
          stateMachineArn: props.StateMachineArn,
          description: props.Description,
          // Another revision is another request: what changes a version in place.
          revision: props.StateMachineRevisionId,
        },
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

function loggingOf(given: Json): Json {
  if (given === undefined) return undefined;
  return {
    level: given.Level ?? 'OFF',
    includeExecutionData: String(given.IncludeExecutionData ?? false) === 'true',
    destinations: (given.Destinations ?? []).map(({ CloudWatchLogsLogGroup: group }: Json) => ({
      cloudWatchLogsLogGroup: { logGroupArn: group?.LogGroupArn },
    })),
  };
}

/** `${Name}` in the text is replaced by what DefinitionSubstitutions says. */
function definitionOf({ DefinitionString, Definition, DefinitionSubstitutions = {} }: Json): string {
  const text = typeof DefinitionString === 'string' ? DefinitionString : JSON.stringify(DefinitionString ?? Definition);
  return text.replace(/\$\{(\w+)\}/g, (found, name: string) =>
    Object.hasOwn(DefinitionSubstitutions, name) ? String(DefinitionSubstitutions[name]) : found,
  );
}
