/**
 * Resource types that only observe, grant or describe: nothing is created for them, each is listed at start with the
 * reason, and references to them resolve. Types that act (queues, functions, rules) are in the services' folders.
 * Source: CloudFormation template reference, "Return values" and properties of each type.
 */
import { createHash } from 'node:crypto';
import type { IdentifyContext, Identity, ResourceType, ResourceTypes } from './resource-type';

const words = (text: string): string[] => text.split(' ');

/** `properties`: all that the type may have; none of them does anything here. */
const observer = (
  observes: string,
  properties: string,
  identify: (context: IdentifyContext) => Identity,
): ResourceType => ({ modelled: words(properties), observes, phase: 0, identify, create: () => [] });

const named = (context: IdentifyContext, property: string, maxLength: number): string =>
  context.property(property) ?? context.uniqueName({ maxLength });

/** Hexadecimal digits that stay the same from start to start. */
const stableHex = ({ stackName, logicalId }: IdentifyContext, length: number): string =>
  createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, length);

const stableUuid = (context: IdentifyContext): string => {
  const hex = stableHex(context, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const regional = (context: IdentifyContext, service: string, rest: string): string =>
  `arn:aws:${service}:${context.region}:${context.account}:${rest}`;

const permissions = 'permissions are not enforced here';
const alarms = 'no alarm is evaluated here; the trace and the reports of the simulator take its place';
const encryption = 'encryption at rest is not observable here';
const tracing = 'no traces are sent to X-Ray here';

const alarm = (context: IdentifyContext): Identity => {
  const name = named(context, 'AlarmName', 255);
  return { ref: name, attributes: { Arn: regional(context, 'cloudwatch', `alarm:${name}`) } };
};

/** An IAM path begins and ends with a slash. */
const iamArn = (context: IdentifyContext, kind: string, name: string): string =>
  `arn:aws:iam::${context.account}:${kind}${context.property('Path') ?? '/'}${name}`;

const iamId = (context: IdentifyContext, prefix: string): string => `${prefix}${stableHex(context, 17).toUpperCase()}`;

const byName =
  (property: string, maxLength = 128) =>
  (context: IdentifyContext): Identity => ({ ref: named(context, property, maxLength), attributes: {} });

export const resourceTypes: ResourceTypes = {
  'AWS::CloudWatch::Alarm': observer(
    alarms,
    'ActionConfiguration ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm ' +
      'Dimensions EvaluateLowSampleCountPercentile EvaluationCriteria EvaluationInterval EvaluationPeriods ' +
      'EvaluationWindow ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period ' +
      'Statistic Tags Threshold ThresholdMetricId TreatMissingData Unit WarmUpConfiguration',
    alarm,
  ),
  'AWS::CloudWatch::CompositeAlarm': observer(
    alarms,
    'ActionConfiguration ActionsEnabled ActionsSuppressor ActionsSuppressorExtensionPeriod ' +
      'ActionsSuppressorWaitPeriod AlarmActions AlarmDescription AlarmName AlarmRule InsufficientDataActions ' +
      'OKActions Tags',
    alarm,
  ),
  'AWS::CloudWatch::Dashboard': observer(
    'dashboards are drawn by the console only',
    'DashboardBody DashboardName Tags',
    byName('DashboardName', 255),
  ),
  'AWS::IAM::Role': observer(
    permissions,
    'AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies ' +
      'RoleName Tags',
    (context) => {
      const name = named(context, 'RoleName', 64);
      return { ref: name, attributes: { Arn: iamArn(context, 'role', name), RoleId: iamId(context, 'AROA') } };
    },
  ),
  'AWS::IAM::Policy': observer(permissions, 'Groups PolicyDocument PolicyName Roles Users', (context) => ({
    ref: context.uniqueName(),
    attributes: { Id: context.uniqueName() },
  })),
  'AWS::IAM::ManagedPolicy': observer(
    permissions,
    'Description Groups ManagedPolicyName Path PolicyDocument Roles Users',
    (context) => {
      const arn = iamArn(context, 'policy', named(context, 'ManagedPolicyName', 128));
      return { ref: arn, attributes: { PolicyArn: arn, PolicyId: iamId(context, 'ANPA') } };
    },
  ),
  'AWS::SecretsManager::ResourcePolicy': observer(
    permissions,
    'BlockPublicPolicy ResourcePolicy SecretId',
    (context) => ({
      ref: context.property('SecretId') ?? context.uniqueName(),
      attributes: { Id: context.property('SecretId') ?? context.uniqueName() },
    }),
  ),
  'AWS::KMS::Key': observer(
    encryption,
    'BypassPolicyLockoutSafetyCheck Description Enabled EnableKeyRotation KeyPolicy KeySpec KeyUsage MultiRegion ' +
      'Origin PendingWindowInDays RotationPeriodInDays Tags',
    (context) => {
      const id = stableUuid(context);
      return { ref: id, attributes: { Arn: regional(context, 'kms', `key/${id}`), KeyId: id } };
    },
  ),
  'AWS::KMS::Alias': observer(encryption, 'AliasName TargetKeyId', byName('AliasName', 256)),
  'AWS::Logs::MetricFilter': observer(
    'no metrics are made of log lines here, but of the embedded metric format',
    'ApplyOnTransformedLogs EmitSystemFieldDimensions FieldSelectionCriteria FilterName FilterPattern LogGroupName ' +
      'MetricTransformations',
    byName('FilterName', 512),
  ),
  'AWS::Logs::QueryDefinition': observer(
    'a saved query of the console',
    'LogGroupNames Name Parameters QueryLanguage QueryString',
    (context) => {
      const id = stableUuid(context);
      return { ref: id, attributes: { QueryDefinitionId: id } };
    },
  ),
  'AWS::XRay::Group': observer(tracing, 'FilterExpression GroupName InsightsConfiguration Tags', (context) => {
    const arn = regional(context, 'xray', `group/${named(context, 'GroupName', 32)}/${stableHex(context, 26)}`);
    return { ref: arn, attributes: { GroupARN: arn } };
  }),
  'AWS::XRay::SamplingRule': observer(
    tracing,
    'RuleName SamplingRule SamplingRuleRecord SamplingRuleUpdate Tags',
    (context) => {
      const arn = regional(context, 'xray', `sampling-rule/${named(context, 'RuleName', 32)}`);
      return { ref: arn, attributes: { RuleARN: arn } };
    },
  ),
  'AWS::XRay::ResourcePolicy': observer(
    tracing,
    'BypassPolicyLockoutCheck PolicyDocument PolicyName',
    byName('PolicyName'),
  ),
  'AWS::XRay::TransactionSearchConfig': observer(
    tracing,
    'CloudWatchLogsConfiguration IndexingPercentage',
    (context) => ({ ref: context.account, attributes: { AccountId: context.account } }),
  ),
  'AWS::ResourceGroups::Group': observer(
    'a view of the console',
    'Configuration Description Name ResourceQuery Resources Tags',
    (context) => {
      const name = named(context, 'Name', 128);
      return { ref: name, attributes: { Arn: regional(context, 'resource-groups', `group/${name}`) } };
    },
  ),
  'AWS::CDK::Metadata': observer("CDK's usage statistics", 'Analytics', ({ logicalId }) => ({
    ref: logicalId,
    attributes: {},
  })),
};
