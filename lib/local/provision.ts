/**
 * Creates what a plan holds: phase by phase, every request answered at once, the first refusal names its resource.
 * With what an earlier run created (durable), only what is new is created.
 */
import type { Plan, PlannedResource } from './assembly';
import type { CreateRequest } from './services/resource-type';
import type { World } from './world';

export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

/** What was created, by 'stack/logical id'. */
export type Provisioned = Record<string, { type: string; constructPath: string; requests: CreateRequest[] }>;

/** Construct paths with their types. */
export interface Provisioning {
  added: string[];
  kept: number;
  /** Gone from the templates, and still here. */
  removed: string[];
  now: Provisioned;
}

export function provision(world: World, plan: Plan, before: Provisioned = {}): Provisioning {
  const now: Provisioned = {};
  const added: string[] = [];
  const changed: string[] = [];
  let kept = 0;
  const creating: PlannedResource[] = [];
  for (const resource of plan.resources) {
    const { type, constructPath, requests } = resource;
    const key = `${resource.stackName}/${resource.logicalId}`;
    const known = before[key];
    now[key] = { type, constructPath, requests };
    if (!known) {
      creating.push(resource);
      if (requests.length > 0) added.push(named(resource));
    } else if (sameText(known.requests, requests)) kept++;
    else changed.push(named(resource));
  }
  const removed = Object.entries(before).flatMap(([key, one]) =>
    now[key] || one.requests.length === 0 ? [] : named(one),
  );
  if (changed.length > 0) {
    throw new ProvisionError(
      `The templates say otherwise than those that made this data, of: ${changed.join(', ')}. What exists cannot be changed ` +
        'here yet. Run the templates as they were, or begin with another folder.',
    );
  }
  for (const phase of [0, 1, 2]) for (const resource of creating) if (resource.phase === phase) create(world, resource);
  for (const [key, one] of Object.entries(before)) now[key] ??= one;
  return { added, kept, removed, now };
}

function create(world: World, resource: PlannedResource): void {
  for (const { service, operation, input } of resource.requests) {
    const reply = world.requestNow(service, operation, input);
    if (reply.error) {
      throw new ProvisionError(
        `${resource.stackName}: ${resource.constructPath} (${resource.type}) could not be created: ` +
          `${service} ${operation} answered ${reply.error.name}: ${reply.error.message}`,
      );
    }
  }
}

const named = ({ constructPath, type }: { constructPath: string; type: string }): string =>
  `${constructPath} (${type})`;
const sameText = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
