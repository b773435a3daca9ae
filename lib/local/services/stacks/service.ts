/**
 * CloudFormation, for reading only: the stacks of the assembly as if they had just been created.
 * Source: CloudFormation API Reference, the operations below.
 *
 * Modelled: DescribeStacks, ListStacks, DescribeStackResources, DescribeStackResource, ListStackResources, ListExports,
 * GetTemplate. Not modelled: everything that changes a stack; paging (all comes in one page); stack events.
 *
 * 1. It shows the plan as it is now. Every stack is CREATE_COMPLETE since the moment at which the runtime was built.
 * 2. A stack is named by its name or its id (ARN).
 */
import type { Plan, PlannedResource } from '../../assembly';
import type { Millis } from '../../ports';
import { fail, type Json, ok, type Reply, type Service, type ServiceOptions } from '../service';

const status = 'CREATE_COMPLETE';

export function createStacksService(_options: ServiceOptions, plan: Plan, createdAtMs: Millis): Service {
  const createdAt = createdAtMs / 1000;
  // The plan is asked each time: `baton local --watch` puts another one in its place (lib/local/apply.ts).
  const idOf = (name: string): string | undefined => plan.stacks.find(({ stackName }) => stackName === name)?.stackId;

  const find = (name: unknown): Plan['stacks'][number] | undefined =>
    plan.stacks.find(({ stackName, stackId }) => stackName === name || stackId === name);

  const unknown = (name: unknown): Reply => fail('ValidationError', `Stack with id ${name} does not exist`);

  const describe = ({ stackName, stackId, template }: Plan['stacks'][number]): Json => ({
    StackId: stackId,
    StackName: stackName,
    ...(template.Description !== undefined && { Description: template.Description }),
    CreationTime: createdAt,
    RollbackConfiguration: {},
    StackStatus: status,
    DisableRollback: false,
    NotificationARNs: [],
    Tags: [],
    EnableTerminationProtection: false,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    Outputs: (plan.outputs.find((outputs) => outputs.stackName === stackName)?.outputs ?? []).map((output) => ({
      OutputKey: output.key,
      OutputValue: output.value,
      ...(output.description !== undefined && { Description: output.description }),
      ...(output.exportName !== undefined && { ExportName: output.exportName }),
    })),
  });

  const resource = (planned: PlannedResource): Json => ({
    LogicalResourceId: planned.logicalId,
    PhysicalResourceId: planned.identity.ref,
    ResourceType: planned.type,
    ResourceStatus: status,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  });
  const inStack = (planned: PlannedResource): Json => ({
    StackName: planned.stackName,
    StackId: idOf(planned.stackName),
    ...resource(planned),
    Timestamp: createdAt,
  });

  const operations: Record<string, (input: Json) => Reply> = {
    DescribeStacks({ StackName }) {
      if (StackName === undefined) return ok({ Stacks: plan.stacks.map(describe) });
      const stack = find(StackName);
      return stack ? ok({ Stacks: [describe(stack)] }) : unknown(StackName);
    },
    ListStacks({ StackStatusFilter = [] }) {
      if (StackStatusFilter.length > 0 && !StackStatusFilter.includes(status)) return ok({ StackSummaries: [] });
      return ok({
        StackSummaries: plan.stacks.map(({ stackName, stackId, template }) => ({
          StackId: stackId,
          StackName: stackName,
          ...(template.Description !== undefined && { TemplateDescription: template.Description }),
          CreationTime: createdAt,
          StackStatus: status,
          DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
        })),
      });
    },
    DescribeStackResources({ StackName, LogicalResourceId, PhysicalResourceId }) {
      const owner =
        StackName ??
        plan.resources.find(({ identity }) => identity.ref === PhysicalResourceId)?.stackName ??
        PhysicalResourceId;
      const stack = find(owner);
      if (!stack) return unknown(owner);
      const found = plan.resources.filter(
        ({ stackName, logicalId }) =>
          stackName === stack.stackName && (LogicalResourceId === undefined || LogicalResourceId === logicalId),
      );
      return ok({ StackResources: found.map(inStack) });
    },
    DescribeStackResource({ StackName, LogicalResourceId }) {
      const stack = find(StackName);
      if (!stack) return unknown(StackName);
      const found = plan.resources.find(
        ({ stackName, logicalId }) => stackName === stack.stackName && logicalId === LogicalResourceId,
      );
      if (!found) {
        return fail('ValidationError', `Resource ${LogicalResourceId} does not exist for stack ${stack.stackName}`);
      }
      const { Timestamp, ...rest } = inStack(found);
      return ok({ StackResourceDetail: { ...rest, LastUpdatedTimestamp: Timestamp } });
    },
    ListStackResources({ StackName }) {
      const stack = find(StackName);
      if (!stack) return unknown(StackName);
      const found = plan.resources.filter(({ stackName }) => stackName === stack.stackName);
      return ok({
        StackResourceSummaries: found.map((one) => ({ ...resource(one), LastUpdatedTimestamp: createdAt })),
      });
    },
    ListExports() {
      return ok({
        Exports: plan.outputs.flatMap(({ stackName, outputs }) =>
          outputs
            .filter(({ exportName }) => exportName !== undefined)
            .map(({ exportName, value }) => ({
              ExportingStackId: idOf(stackName),
              Name: exportName,
              Value: value,
            })),
        ),
      });
    },
    GetTemplate({ StackName }) {
      const stack = find(StackName);
      if (!stack) return unknown(StackName);
      return ok({ TemplateBody: JSON.stringify(stack.template, null, 1), StagesAvailable: ['Original', 'Processed'] });
    },
  };

  return {
    name: 'cloudformation',
    stateless: true,
    apply(_now, { operation, input }) {
      const answer = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (answer) return { reply: answer(input ?? {}) };
      const known = Object.keys(operations).join(', ');
      return {
        reply: fail(
          'UnknownOperationException',
          `cloudformation ${operation} is not modelled here; modelled: ${known}.`,
        ),
      };
    },
    wake: () => ({}),
  };
}
