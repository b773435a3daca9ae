/**
 * One declared saga: its state machine, with the version and the alias that it is started by. A running execution is
 * memory, so all of this belongs to the stack that has memory and is retained with it.
 *
 * 1. An execution ends on the version that it began on. A change of the definition is a new revision; the version's
 *    StateMachineRevisionId follows it, which replaces the version (the old one is retained, so that the alias can be
 *    turned back), and the alias goes over to the new one at once. Nobody starts the machine itself.
 * 2. Version and alias lie beside the machine: a version's ARN changes with each deploy, and a value that another stack
 *    imports may not. The alias's ARN never changes; it is what the conductor gets.
 * 3. All versions have one role. It may publish the asks of the saga as it is declared now, so a step is taken away only
 *    when no execution is left that may ask for it: docs/sagas.md.
 * 4. Logs hold which states were entered and left, never data: events carry task tokens and tokens of payment.
 *
 * Source: CloudFormation template reference, AWS::StepFunctions::StateMachineVersion ("StateMachineRevisionId", update
 * requires replacement) and StateMachineAlias ("DeploymentPreference"); Step Functions developer guide, "Manage continuous
 * deployments with versions and aliases".
 */
import { CfnDeletionPolicy, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Settings } from '../config';
import type { Saga as Declaration } from '../contracts/saga';
import { acknowledgeWildcard } from './acknowledge';
import { executing, type SagaArns, sagaAlias } from './permissions';
import { removalPolicy } from './removal';
import { sagaDefinition } from './saga-definition';

export interface SagaProps {
  settings: Settings;
  declaration: Declaration;
  eventBus: IEventBus;
}

export class Saga extends Construct {
  readonly declaration: Declaration;
  readonly machine: StateMachine;
  readonly arns: SagaArns;

  constructor(scope: Construct, id: string, props: SagaProps) {
    super(scope, id);
    const { settings, declaration, eventBus } = props;
    const policy = removalPolicy(settings);
    this.declaration = declaration;
    const logs = new LogGroup(this, 'Logs', { retention: settings.logRetentionDays, removalPolicy: policy });
    const role = this.role(declaration, eventBus.eventBusArn);
    // Executions go on after the stack is gone, and need what they publish with.
    role.applyRemovalPolicy(policy);
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(sagaDefinition(declaration))),
      definitionSubstitutions: { BusName: eventBus.eventBusName },
      // The CDK adds nothing to what is written in `executing`.
      role: role.withoutPolicyUpdates(),
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      removalPolicy: policy,
    });
    const version = new CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: this.machine.stateMachineArn,
      stateMachineRevisionId: this.machine.stateMachineRevisionId,
    });
    version.applyRemovalPolicy(policy);
    // Also where the stage lets go of its memory: deleting the machine deletes its versions.
    version.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    const alias = new CfnStateMachineAlias(this, 'Alias', {
      name: sagaAlias,
      description: `What ${declaration.conductor.id} starts.`,
      deploymentPreference: { stateMachineVersionArn: version.attrArn, type: 'ALL_AT_ONCE' },
    });
    alias.applyRemovalPolicy(policy);
    this.arns = { machine: this.machine.stateMachineArn, alias: alias.attrArn };
  }

  private role(declaration: Declaration, busArn: string): Role {
    const statements = executing(declaration, busArn);
    const role = new Role(this, 'Role', {
      description: `What ${declaration.id} asks its steps with.`,
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: { declared: new PolicyDocument({ statements }) },
    });
    const reasons = statements.flatMap(({ wildcardReason }) => wildcardReason ?? []);
    acknowledgeWildcard(role, '*', reasons.join(' '));
    return role;
  }
}
