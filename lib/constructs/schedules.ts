/**
 * One-off schedules: events that become due later. The group holds deadlines that are still to come, so it is memory;
 * the role is what EventBridge Scheduler publishes with.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Settings } from '../config';
import type { EventType } from '../contracts/kit';
import { DeadLetters } from './message-queue';
import { publishing } from './permissions';
import { removalPolicy } from './removal';

export interface SchedulesProps {
  settings: Settings;
  busArn: string;
  /** The events that consumers may schedule. */
  events: readonly EventType[];
}

export class Schedules extends Construct {
  readonly groupName: string;
  /** ARN pattern of the group's schedules. */
  readonly schedulesArn: string;
  readonly role: Role;
  /** Schedules that could not publish. */
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const group = new CfnScheduleGroup(this, 'Group');
    group.applyRemovalPolicy(removalPolicy(props.settings));
    this.groupName = group.ref;
    this.schedulesArn = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group.ref}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.deadLetters = new DeadLetters(this, 'DeadLetters');
    this.deadLetters.applyRemovalPolicy(removalPolicy(props.settings));
    this.role = new Role(this, 'Role', {
      description: 'What EventBridge Scheduler publishes events with, when they are due.',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        declared: new PolicyDocument({
          statements: [
            ...publishing(props.events, props.busArn),
            new PolicyStatement({
              sid: 'GiveUp',
              effect: Effect.ALLOW,
              actions: ['sqs:SendMessage'],
              resources: [this.deadLetters.queueArn],
            }),
          ],
        }),
      },
    });
    // Needed for the schedules that still come due after the stack is gone.
    this.role.applyRemovalPolicy(removalPolicy(props.settings));
  }
}
