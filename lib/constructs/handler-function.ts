/** A Lambda function as every function here is: bundled, traced, with its own log group and a role of its own. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../config';
import { acknowledgeWildcard } from './acknowledge';
import { observation, type Permission } from './permissions';

/** The newest Node LTS that Lambda runs. */
export const handlerRuntime = Runtime.NODEJS_24_X;

export interface HandlerFunctionProps {
  settings: Settings;
  /** Folder of the bundle: lib/constructs/bundle.ts. */
  folder: string;
  description: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  statements: Permission[];
}

export class HandlerFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const logs = new LogGroup(this, 'Logs', {
      retention: props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const statements = [...observation(logs.logGroupArn), ...props.statements];
    // Inline, so that the role never exists without its rights: a mapping made between the two would fail.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: props.description,
      inlinePolicies: { declared: new PolicyDocument({ statements }) },
    });
    for (const { resources, wildcardReason } of statements) {
      if (wildcardReason) acknowledgeWildcard(role, resources[0]!, wildcardReason);
    }
    this.function = new LambdaFunction(this, 'Function', {
      runtime: handlerRuntime,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.folder),
      description: props.description,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      tracing: Tracing.ACTIVE,
      logGroup: logs,
      // The CDK adds nothing to what is written above.
      role: role.withoutPolicyUpdates(),
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    });
  }
}
