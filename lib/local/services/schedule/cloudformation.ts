/** AWS::Scheduler::ScheduleGroup and AWS::Scheduler::Schedule. Source: CloudFormation template reference. */
import type { IdentifyContext, ResourceTypes } from '../resource-type';

const nameOf = ({ property, uniqueName }: IdentifyContext): string => property('Name') ?? uniqueName({ maxLength: 64 });

export const resourceTypes: ResourceTypes = {
  'AWS::Scheduler::ScheduleGroup': {
    modelled: ['Name', 'Tags'],
    phase: 0,
    identify: (context) => {
      const name = nameOf(context);
      const arn = `arn:aws:scheduler:${context.region}:${context.account}:schedule-group/${name}`;
      return { ref: name, attributes: { Arn: arn, State: 'ACTIVE' } };
    },
    create: ({ props, identity }) => [
      { service: 'scheduler', operation: 'CreateScheduleGroup', input: { Name: identity.ref, Tags: props.Tags } },
    ],
  },
  'AWS::Scheduler::Schedule': {
    modelled: [
      'Description',
      'EndDate',
      'FlexibleTimeWindow',
      'GroupName',
      'Name',
      'ScheduleExpression',
      'ScheduleExpressionTimezone',
      'StartDate',
      'State',
      'Target.Arn',
      'Target.DeadLetterConfig',
      'Target.EventBridgeParameters',
      'Target.Input',
      'Target.RetryPolicy',
      'Target.RoleArn',
      'Target.SqsParameters',
    ],
    ignored: { KmsKeyArn: 'encryption at rest is not observable here' },
    phase: 2,
    identify: (context) => {
      const name = nameOf(context);
      const group = context.property('GroupName') ?? 'default';
      const arn = `arn:aws:scheduler:${context.region}:${context.account}:schedule/${group}/${name}`;
      return { ref: name, attributes: { Arn: arn } };
    },
    create: ({ props, identity }) => [
      { service: 'scheduler', operation: 'CreateSchedule', input: numbersRead({ ...props, Name: identity.ref }) },
    ],
  },
};

/** Templates may hold numbers as texts. */
function numbersRead(input: any): any {
  const numbers = (value: any): any =>
    value &&
    Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, /^Maximum/.test(name) ? Number(item) : item]),
    );
  return {
    ...input,
    FlexibleTimeWindow: numbers(input.FlexibleTimeWindow),
    Target: input.Target && { ...input.Target, RetryPolicy: numbers(input.Target.RetryPolicy) },
  };
}
