/**
 * What each function may do, derived from its declaration and no more. Written out, statement by statement: the grant
 * methods of the CDK bring actions (and index wildcards) that no handler uses.
 */
import { Effect, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { Consumer, EventType } from '../contracts/kit';
import { asksOf, type Saga } from '../contracts/saga';
import { labelsPrefix } from './tables';

/** The name of the alias that executions are started by. */
export const sagaAlias = 'live';

export interface SagaArns {
  machine: string;
  alias: string;
}

/** ARNs of what the app shares. */
export interface SharedArns {
  bus: string;
  recordTable: string;
  gatewayTable: string;
  labelsBucket: string;
  /** By name of the row type. */
  rowTables: Readonly<Record<string, string>>;
  /** By id of the saga. */
  sagas: Readonly<Record<string, SagaArns>>;
  /** arn:...:schedule/<group>/ and anything. */
  schedules: string;
  scheduleRole: string;
}

/** A statement; where a resource ends in a wildcard, `wildcardReason` says why it must. */
export class Permission extends PolicyStatement {
  readonly wildcardReason?: string;

  constructor(props: PolicyStatementProps & { wildcardReason?: string }) {
    super({ ...props, effect: Effect.ALLOW });
    this.wildcardReason = props.wildcardReason;
  }
}

type Conditions = Record<string, Record<string, unknown>>;

const allow = (sid: string, actions: string[], resources: string[], conditions?: Conditions): Permission =>
  new Permission({ sid, actions, resources, conditions });

const allowBelow = (sid: string, actions: string[], resource: string, wildcardReason: string): Permission =>
  new Permission({ sid, actions, resources: [resource], wildcardReason });

/** Batches are read at once; a transaction needs the rights of its parts. */
const recordActions = ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
const rowActions = ['dynamodb:BatchGetItem', 'dynamodb:ConditionCheckItem', 'dynamodb:PutItem'];
const gatewayActions = ['dynamodb:GetItem', 'dynamodb:PutItem'];

/** What every function needs: its own log streams, and X-Ray, which knows no resources. */
export function observation(logGroupArn: string): Permission[] {
  return [
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroupArn]),
    allowBelow('Trace', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], '*', 'X-Ray knows no resources.'),
  ];
}

/** `PutEvents` of `types` only. EventBridge checks each entry by itself, so lists here mean 'one of'. */
export function publishing(types: readonly EventType[], busArn: string): Permission[] {
  if (types.length === 0) return [];
  return [
    allow('Publish', ['events:PutEvents'], [busArn], {
      StringEquals: {
        'events:source': [...new Set(types.map((type) => type.source))].sort(),
        'events:detail-type': [...new Set(types.map((type) => type.name))].sort(),
      },
    }),
  ];
}

/** One-off schedules in the app's group, which publish in the name of the app's role. */
export function scheduling(shared: SharedArns): Permission[] {
  return [
    allowBelow(
      'Schedule',
      ['scheduler:CreateSchedule'],
      shared.schedules,
      "A schedule's name derives from its event; the group is the app's own.",
    ),
    allow('PassScheduleRole', ['iam:PassRole'], [shared.scheduleRole], {
      StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
    }),
  ];
}

interface OwnArns {
  queueArn: string;
  deadLettersArn: string;
}

const receiving = ({ queueArn, deadLettersArn }: OwnArns): Permission[] => [
  allow('Receive', ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], [queueArn]),
  allow('Reject', ['sqs:SendMessage'], [deadLettersArn]),
];

/** Records of its own, and no other consumer's. */
const remembering = (actions: string[], { id }: Consumer, recordTableArn: string): Permission =>
  allow('Remember', actions, [recordTableArn], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${id}#*`] },
  });

/** Everything a consumer's handler does. */
export function consuming(consumer: Consumer, own: OwnArns, shared: SharedArns): Permission[] {
  if (consumer.conducts) return conducting(consumer, own, shared.sagas[consumer.conducts]!, shared.recordTable);
  const tables = Object.values(consumer.state).map((row) => shared.rowTables[row.name]!);
  return [
    ...receiving(own),
    remembering(recordActions, consumer, shared.recordTable),
    ...(tables.length > 0 ? [allow('State', rowActions, tables)] : []),
    ...publishing(published(consumer), shared.bus),
    ...(consumer.schedules.length > 0 ? scheduling(shared) : []),
    ...(consumer.stores === 'labels'
      ? [
          allowBelow(
            'Store',
            ['s3:PutObject'],
            `${shared.labelsBucket}/${labelsPrefix}*`,
            "A label's key derives from its parcel; the prefix is for labels alone.",
          ),
        ]
      : []),
    ...(asksSandboxGateway(consumer) ? [allow('AskGateway', gatewayActions, [shared.gatewayTable])] : []),
  ];
}

/**
 * A saga's conductor: starts executions, by the alias only, and tells them answers. It remembers nothing but what it
 * rejected. IAM looks at the machine's ARN, whatever alias is started, and at the alias by a condition.
 * Source: Step Functions developer guide, "Authorization for versions and aliases".
 */
function conducting(consumer: Consumer, own: OwnArns, saga: SagaArns, recordTableArn: string): Permission[] {
  return [
    ...receiving(own),
    remembering(['dynamodb:PutItem'], consumer, recordTableArn),
    allow('Start', ['states:StartExecution'], [saga.machine], {
      'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': [sagaAlias] },
    }),
    allow('Answer', ['states:SendTaskFailure', 'states:SendTaskHeartbeat', 'states:SendTaskSuccess'], [saga.machine]),
  ];
}

/**
 * Everything a saga's state machine does: it asks. Its logs are delivered as AWS demands, by actions that know no
 * resources. Source: Step Functions developer guide, "Using CloudWatch Logs to log execution history", "Tracing with X-Ray".
 */
export function executing(saga: Saga, busArn: string): Permission[] {
  return [
    ...publishing(asksOf(saga), busArn),
    allowBelow(
      'DeliverLogs',
      [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
      '*',
      'The delivery of logs knows no resources.',
    ),
    allowBelow(
      'Trace',
      ['xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      '*',
      'X-Ray knows no resources.',
    ),
  ];
}

/** A scheduled event whose time has come before it was scheduled is published at once. */
const published = (consumer: Consumer): EventType[] => [...consumer.emits, ...consumer.schedules];

/** The sweeper pays what other functions owe: it reads unpaid records, publishes, and marks them paid. */
export function sweeping(consumers: readonly Consumer[], unpaidIndexArn: string, shared: SharedArns): Permission[] {
  return [
    allow('FindUnpaid', ['dynamodb:Scan'], [unpaidIndexArn]),
    allow('MarkPaid', ['dynamodb:UpdateItem'], [shared.recordTable]),
    ...publishing(consumers.flatMap(published), shared.bus),
    ...(consumers.some((consumer) => consumer.schedules.length > 0) ? scheduling(shared) : []),
  ];
}

/** The payment gateway that ships with the app keeps what it was asked in a table of its own. */
export const asksSandboxGateway = (consumer: Consumer): boolean => consumer.outside?.gateway === 'payment gateway';
