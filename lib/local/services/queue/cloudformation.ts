/** AWS::SQS::Queue and AWS::SQS::QueuePolicy. Source: CloudFormation template reference, "Amazon SQS". */
import type { ResourceTypes } from '../resource-type';
import type { Json } from '../service';

/** Properties that are attributes of the same name. */
const attributes = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];

export const resourceTypes: ResourceTypes = {
  'AWS::SQS::Queue': {
    modelled: [...attributes, 'QueueName', 'Tags'],
    phase: 0,
    identify: ({ property, uniqueName, account, region, endpoint }) => {
      const fifo = String(property('FifoQueue') ?? 'false') === 'true';
      const name = property('QueueName') ?? uniqueName({ maxLength: 80, suffix: fifo ? '.fifo' : '' });
      const url = `${endpoint}/${account}/${name}`;
      return {
        ref: url,
        attributes: { Arn: `arn:aws:sqs:${region}:${account}:${name}`, QueueName: name, QueueUrl: url },
      };
    },
    create: ({ props, identity }) => [
      {
        service: 'sqs',
        operation: '$CreateQueue',
        input: {
          QueueName: identity.attributes.QueueName,
          Attributes: Object.fromEntries(
            attributes
              .filter((name) => props[name] !== undefined && !(name === 'FifoQueue' && String(props[name]) === 'false'))
              .map((name) => [name, text(props[name])]),
          ),
          tags: Object.fromEntries((props.Tags ?? []).map(({ Key, Value }: Json) => [Key, Value])),
        },
      },
    ],
  },
  'AWS::SQS::QueuePolicy': {
    modelled: ['PolicyDocument', 'Queues'],
    phase: 1,
    identify: ({ uniqueName }) => {
      const id = uniqueName();
      return { ref: id, attributes: { Id: id } };
    },
    create: ({ props }) =>
      props.Queues.map((QueueUrl: string) => ({
        service: 'sqs',
        operation: 'SetQueueAttributes',
        input: { QueueUrl, Attributes: { Policy: text(props.PolicyDocument) } },
      })),
  },
};

const text = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
