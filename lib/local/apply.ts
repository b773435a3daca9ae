/**
 * Another synthesis in the place of the one that runs (`baton local --watch`): what is new is created, what says something
 * else is changed in place, what is gone is taken away. The rest keeps its state: messages, items, executions, warm code.
 *
 * 1. What cannot be planned, or not be changed in place, is said by name before anything is changed.
 * 2. What the templates retain (DeletionPolicy) stays when it is gone from them, as on AWS, and is said.
 */
import type { Plan, PlannedResource } from './assembly';
import { provisionAll } from './custom-resources';
import type { Provisioned, Provisioning } from './provision';
import { removalOf } from './updates';
import type { World } from './world';

/** Construct paths with their types. */
export interface Applied extends Omit<Provisioning, 'removed' | 'now'> {
  removed: string[];
  /** Gone from the templates and still here, with the reason. */
  kept: { resource: string; why: string }[];
  now: Provisioned;
}

const remedy = 'End baton local and start it again to have them made anew, or take the change back.';

/** `current` becomes what `next` says. Throws ProvisionError. */
export async function applyPlan(world: World, current: Plan, next: Plan, before: Provisioned): Promise<Applied> {
  const { added, changed, now } = await provisionAll(world, next, before, remedy);
  const planned = new Set(next.resources.map(keyOf));
  const removed: string[] = [];
  const kept: Applied['kept'] = [];
  // What connects goes before what it connects.
  const gone = current.resources.filter((resource) => !planned.has(keyOf(resource)) && resource.requests.length > 0);
  // One that only moved in its construct tree, with a physical name of its own, is still there.
  const here = new Set(next.resources.map(({ type, identity }) => `${type} ${identity.ref}`));
  for (const resource of gone.sort((left, right) => right.phase - left.phase)) {
    const moved = here.has(`${resource.type} ${resource.identity.ref}`);
    const why = moved ? 'another resource has its name now' : takeAway(world, resource, policyOf(current, resource));
    const name = `${resource.constructPath} (${resource.type})`;
    if (why) kept.push({ resource: name, why });
    else {
      removed.push(name);
      delete now[keyOf(resource)];
    }
  }
  Object.assign(current, next);
  return { added, changed, removed, kept, now };
}

/** Why it stays; undefined: it is gone. */
function takeAway(world: World, resource: PlannedResource, policy: string | undefined): string | undefined {
  if (policy?.startsWith('Retain')) return 'its DeletionPolicy retains it';
  const requests = removalOf(resource);
  if (!requests) return 'its type cannot be taken away while Baton runs';
  for (const { service, operation, input } of requests) {
    const { error } = world.requestNow(service, operation, input);
    if (error) return `${operation} answered ${error.name}: ${error.message}`;
  }
  return undefined;
}

function policyOf(plan: Plan, { stackName, logicalId }: PlannedResource): string | undefined {
  const stack = plan.stacks.find((one) => one.stackName === stackName);
  return stack?.template.Resources[logicalId]?.DeletionPolicy;
}

const keyOf = ({ stackName, logicalId }: PlannedResource): string => `${stackName}/${logicalId}`;
