/** AWS::Logs::LogGroup of a template; other AWS::Logs types only observe (observers.ts). */
import type { ResourceTypes } from '../resource-type';

export const resourceTypes: ResourceTypes = {
  'AWS::Logs::LogGroup': {
    modelled: ['LogGroupName', 'RetentionInDays', 'Tags'],
    ignored: {
      KmsKeyId: 'encryption at rest is not observable here',
      LogGroupClass: 'the classes differ in price and in features that are not modelled here',
      DataProtectionPolicy: 'nothing is masked here',
      DeletionProtectionEnabled: 'stacks are not deleted here',
    },
    phase: 0,
    identify(context) {
      const name = context.property('LogGroupName') ?? context.uniqueName({ maxLength: 512 });
      return {
        ref: name,
        attributes: { Arn: `arn:aws:logs:${context.region}:${context.account}:log-group:${name}:*` },
      };
    },
    create: ({ identity: { ref: logGroupName }, props }) => [
      {
        service: 'logs',
        operation: 'CreateLogGroup',
        input: {
          logGroupName,
          tags: Object.fromEntries((props.Tags ?? []).map(({ Key, Value }: Record<string, string>) => [Key, Value])),
        },
      },
      ...(props.RetentionInDays === undefined
        ? []
        : [
            {
              service: 'logs' as const,
              operation: 'PutRetentionPolicy',
              input: { logGroupName, retentionInDays: Number(props.RetentionInDays) },
            },
          ]),
    ],
  },
};
