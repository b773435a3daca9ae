/** AWS::SSM::Parameter. Source: CloudFormation template reference, "AWS Systems Manager". */
import type { ResourceTypes } from '../resource-type';

const members = ['AllowedPattern', 'DataType', 'Description', 'Name', 'Policies', 'Tier', 'Type', 'Value'];

export const resourceTypes: ResourceTypes = {
  'AWS::SSM::Parameter': {
    modelled: [...members, 'Tags'],
    phase: 0,
    identify: ({ property, uniqueName }) => {
      const name = property('Name') ?? uniqueName({ maxLength: 1011 });
      return { ref: name, attributes: { Type: property('Type'), Value: property('Value') } };
    },
    stored: ({ props }) => String(props.Value),
    create: ({ props, identity }) => [
      {
        service: 'ssm',
        operation: '$PutParameter',
        input: {
          ...Object.fromEntries(members.filter((name) => props[name] !== undefined).map((name) => [name, props[name]])),
          Name: identity.ref,
          Value: String(props.Value),
          Tags: Object.entries(props.Tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
        },
      },
    ],
  },
};
