/** Lambda's CloudFormation types. */
import { createHash } from 'node:crypto';
import type { IdentifyContext, ResourceTypes } from '../resource-type';
import type { Json } from '../service';
import { inlineArchive } from './inline-code';

const accessNotChecked = 'access is not checked here';

/** A UUID that stays the same from start to start. */
function stableUuid({ stackName, logicalId }: IdentifyContext): string {
  const digits = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

const functionArn = (context: IdentifyContext, name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:lambda:${context.region}:${context.account}:function:${name}`;

function codeOf(code: Json, assetDir: (s3Key: string) => string | undefined): Json {
  if (typeof code?.ZipFile === 'string') return { ZipFile: inlineArchive(code.ZipFile) };
  const dir = typeof code?.S3Key === 'string' ? assetDir(code.S3Key) : undefined;
  return dir && { $dir: dir };
}

export const resourceTypes: ResourceTypes = {
  'AWS::Lambda::Function': {
    modelled: [
      'FunctionName',
      'Code.S3Bucket',
      'Code.S3Key',
      'Code.ZipFile',
      'Handler',
      'Runtime',
      'Role',
      'Description',
      'Timeout',
      'MemorySize',
      'Environment',
      'ReservedConcurrentExecutions',
      'LoggingConfig.LogGroup',
      'LoggingConfig.LogFormat',
      'DeadLetterConfig',
      'Architectures',
      'PackageType',
      'TracingConfig',
    ],
    ignored: {
      Tags: 'tags change nothing here',
      EphemeralStorage: 'the size of /tmp is not limited here',
      KmsKeyArn: 'encryption at rest is not observable here',
      VpcConfig: 'there are no networks here',
      SnapStart: 'starts are not measured here',
      RuntimeManagementConfig: 'functions run on this Node',
      RecursiveLoop: 'loops are not detected here',
      'LoggingConfig.ApplicationLogLevel': 'all lines are shown here',
      'LoggingConfig.SystemLogLevel': 'all lines are shown here',
    },
    phase: 1,
    identify(context) {
      const name = context.property('FunctionName') ?? context.uniqueName({ maxLength: 64 });
      return { ref: name, attributes: { Arn: functionArn(context, name) } };
    },
    create({ props, identity, assetDir, logicalId }) {
      const code = codeOf(props.Code, assetDir);
      if (!code) {
        throw new Error(
          `Code of ${logicalId} is ${JSON.stringify(props.Code)}: not an asset of the assembly. Code from assets ` +
            '(lambda.Code.fromAsset, NodejsFunction) and inline code are modelled; images and S3 objects of your own are not.',
        );
      }
      const { ReservedConcurrentExecutions, Code: _, ...rest } = props;
      const FunctionName = identity.ref;
      return [
        { service: 'lambda', operation: 'CreateFunction', input: { ...rest, FunctionName, Code: code } },
        ...(ReservedConcurrentExecutions === undefined
          ? []
          : [
              {
                service: 'lambda' as const,
                operation: 'PutFunctionConcurrency',
                input: { FunctionName, ReservedConcurrentExecutions: Number(ReservedConcurrentExecutions) },
              },
            ]),
      ];
    },
  },
  'AWS::Lambda::EventSourceMapping': {
    modelled: [
      'FunctionName',
      'EventSourceArn',
      'Enabled',
      'BatchSize',
      'MaximumBatchingWindowInSeconds',
      'ScalingConfig',
      'FunctionResponseTypes',
      'FilterCriteria',
      'StartingPosition',
      'ParallelizationFactor',
      'BisectBatchOnFunctionError',
      'MaximumRetryAttempts',
      'MaximumRecordAgeInSeconds',
      'DestinationConfig',
    ],
    ignored: { Tags: 'tags change nothing here', MetricsConfig: 'there are no metrics here' },
    phase: 2,
    identify(context) {
      const id = stableUuid(context);
      const { region, account } = context;
      const arn = `arn:aws:lambda:${region}:${account}:event-source-mapping:${id}`;
      return { ref: id, attributes: { Id: id, EventSourceMappingArn: arn } };
    },
    create: ({ props, identity }) => [
      { service: 'lambda', operation: 'CreateEventSourceMapping', input: { ...props, $uuid: identity.ref } },
    ],
  },
  'AWS::Lambda::EventInvokeConfig': {
    modelled: ['FunctionName', 'Qualifier', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds', 'DestinationConfig'],
    phase: 2,
    identify: ({ logicalId }) => ({ ref: logicalId, attributes: {} }),
    create: ({ props }) => [
      {
        service: 'lambda',
        operation: 'PutFunctionEventInvokeConfig',
        input: { ...props, Qualifier: props.Qualifier === '$LATEST' ? undefined : props.Qualifier },
      },
    ],
  },
  'AWS::Lambda::Permission': {
    modelled: ['Action', 'FunctionName', 'Principal', 'SourceArn', 'SourceAccount', 'PrincipalOrgID'],
    observes: accessNotChecked,
    identify: ({ logicalId }) => ({ ref: logicalId, attributes: { Id: logicalId } }),
    create: () => [],
  },
  'AWS::Lambda::Version': {
    modelled: ['FunctionName', 'Description', 'CodeSha256'],
    phase: 1,
    identify(context) {
      const arn = functionArn(context, String(context.property('FunctionName')));
      // A template publishes one version of a function: its first.
      return { ref: `${arn}:1`, attributes: { Version: '1', FunctionArn: `${arn}:1` } };
    },
    create: ({ props: { FunctionName, Description } }) => [
      { service: 'lambda', operation: 'PublishVersion', input: { FunctionName, Description } },
    ],
  },
  'AWS::Lambda::Alias': {
    modelled: ['FunctionName', 'FunctionVersion', 'Name', 'Description', 'RoutingConfig'],
    phase: 2,
    identify(context) {
      const arn = `${functionArn(context, String(context.property('FunctionName')))}:${context.property('Name')}`;
      return { ref: arn, attributes: { AliasArn: arn } };
    },
    create: ({ props: { RoutingConfig, ...props } }) => {
      // A template lists what the API has as a map.
      const weights: Json[] = RoutingConfig?.AdditionalVersionWeights ?? [];
      const AdditionalVersionWeights = Object.fromEntries(
        weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, Number(FunctionWeight)]),
      );
      const input = { ...props, RoutingConfig: { AdditionalVersionWeights } };
      return [{ service: 'lambda', operation: 'CreateAlias', input }];
    },
  },
};
