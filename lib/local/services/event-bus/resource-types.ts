/**
 * AWS::Events::* of a template. Source: CloudFormation template reference, Amazon EventBridge resource types.
 * Refused by name: API destinations, connections, endpoints, and members of targets that nobody models.
 */
import type { ResourceType, ResourceTypes } from '../resource-type';
import { archiveArn, busArn, busNameOf, ruleArn } from './arns';

const tags = 'tags are kept by no one here that reads them';
const encryption = 'encryption at rest is not observable here';

const eventBus: ResourceType = {
  modelled: ['Name', 'Description', 'DeadLetterConfig', 'Tags'],
  ignored: { KmsKeyIdentifier: encryption, LogConfig: 'the trace of the local runtime takes the place of bus logs' },
  phase: 0,
  identify(context) {
    const name = context.property('Name') ?? context.uniqueName({ maxLength: 256 });
    return { ref: name, attributes: { Name: name, Arn: busArn(context, name) } };
  },
  create: ({ identity, props }) => [
    {
      service: 'events',
      operation: 'CreateEventBus',
      input: {
        Name: identity.ref,
        Description: props.Description,
        DeadLetterConfig: props.DeadLetterConfig,
        Tags: props.Tags,
      },
    },
  ],
};

const targetMembers = [
  'Id',
  'Arn',
  'Input',
  'InputPath',
  'InputTransformer.InputPathsMap',
  'InputTransformer.InputTemplate',
  'SqsParameters.MessageGroupId',
  'RetryPolicy.MaximumEventAgeInSeconds',
  'RetryPolicy.MaximumRetryAttempts',
  'DeadLetterConfig.Arn',
];

const rule: ResourceType = {
  modelled: [
    'Name',
    'Description',
    'EventBusName',
    'EventPattern',
    'ScheduleExpression',
    'State',
    ...targetMembers.map((member) => `Targets.*.${member}`),
  ],
  ignored: {
    RoleArn: 'permissions are not enforced here',
    'Targets.*.RoleArn': 'permissions are not enforced here',
    Tags: tags,
  },
  phase: 2,
  identify(context) {
    const name = context.property('Name') ?? context.uniqueName({ maxLength: 64 });
    const bus = busNameOf(context.property('EventBusName'));
    // Source: Ref of a rule on a custom bus is 'bus|rule'.
    return {
      ref: bus === 'default' ? name : `${bus}|${name}`,
      attributes: { Arn: ruleArn(context, bus, name) },
    };
  },
  create: ({ identity, props }) => {
    const Name = identity.ref.split('|').at(-1)!;
    const EventBusName = busNameOf(props.EventBusName);
    return [
      {
        service: 'events',
        operation: 'PutRule',
        input: {
          Name,
          EventBusName,
          Description: props.Description,
          EventPattern: props.EventPattern === undefined ? undefined : asText(props.EventPattern),
          ScheduleExpression: props.ScheduleExpression,
          State: props.State,
        },
      },
      ...(props.Targets?.length
        ? [
            {
              service: 'events' as const,
              operation: 'PutTargets',
              input: { Rule: Name, EventBusName, Targets: props.Targets },
            },
          ]
        : []),
    ];
  },
};

const archive: ResourceType = {
  modelled: ['ArchiveName', 'Description', 'EventPattern', 'RetentionDays', 'SourceArn'],
  ignored: { KmsKeyIdentifier: encryption },
  phase: 1,
  identify(context) {
    const name = context.property('ArchiveName') ?? context.uniqueName({ maxLength: 48 });
    return { ref: name, attributes: { ArchiveName: name, Arn: archiveArn(context, name) } };
  },
  create: ({ identity, props }) => [
    {
      service: 'events',
      operation: 'CreateArchive',
      input: {
        ArchiveName: identity.ref,
        Description: props.Description,
        EventSourceArn: props.SourceArn,
        EventPattern: props.EventPattern === undefined ? undefined : asText(props.EventPattern),
        RetentionDays: props.RetentionDays === undefined ? undefined : Number(props.RetentionDays),
      },
    },
  ],
};

const busPolicy: ResourceType = {
  modelled: ['EventBusName', 'StatementId', 'Statement', 'Action', 'Principal', 'Condition'],
  phase: 1,
  identify: (context) => ({ ref: context.uniqueName(), attributes: {} }),
  create: ({ props: { EventBusName, StatementId, Statement, Action, Principal, Condition } }) => [
    Statement
      ? {
          service: 'events',
          operation: '$putStatement',
          input: { EventBusName, Statement: { Sid: StatementId, ...Statement } },
        }
      : {
          service: 'events',
          operation: 'PutPermission',
          input: { EventBusName, StatementId, Action, Principal, Condition },
        },
  ],
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export const resourceTypes: ResourceTypes = {
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::Rule': rule,
  'AWS::Events::Archive': archive,
  'AWS::Events::EventBusPolicy': busPolicy,
};
