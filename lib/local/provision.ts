/**
 * Creates what a plan holds: phase by phase, every request answered at once, the first refusal names its resource.
 * With what an earlier run created (durable), only what is new is created, and what says something else now is changed.
 */
import type { Plan, PlannedResource } from './assembly';
import type { CreateRequest } from './services/resource-type';
import { updateOf } from './updates';
import type { World } from './world';

export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

/** What was created, by 'stack/logical id'. */
export type Provisioned = Record<string, { type: string; constructPath: string; requests: CreateRequest[] }>;

/** Construct paths with their types. */
export interface Provisioning {
  added: string[];
  changed: string[];
  /** Gone from the templates, and still here. */
  removed: string[];
  /** What is here now, those that are gone from the templates included. */
  now: Provisioned;
}

/** `remedy`: what to do where a change cannot be made in place. Throws ProvisionError. */
export function provision(
  world: World,
  plan: Plan,
  before: Provisioned = {},
  remedy = 'Run the templates as they were, or begin with another folder.',
): Provisioning {
  const now: Provisioned = { ...before };
  const added: string[] = [];
  const changed: string[] = [];
  const impossible: string[] = [];
  const work: { resource: PlannedResource; requests: CreateRequest[] }[] = [];
  const planned = new Set<string>();
  for (const resource of plan.resources) {
    const { type, constructPath, requests } = resource;
    const key = `${resource.stackName}/${resource.logicalId}`;
    planned.add(key);
    const known = before[key];
    now[key] = { type, constructPath, requests };
    if (!known || known.requests.length === 0) {
      work.push({ resource, requests });
      if (requests.length > 0) added.push(named(resource));
    } else if (!sameText(known.requests, requests)) {
      const change = known.type === type ? updateOf(known.requests, resource) : undefined;
      if (!change) impossible.push(named(resource));
      else {
        work.push({ resource, requests: change });
        changed.push(named(resource));
      }
    }
  }
  if (impossible.length > 0) {
    throw new ProvisionError(
      `The templates say something else now of ${impossible.join(', ')}, and these cannot be changed in place. Nothing was ` +
        `changed. ${remedy}`,
    );
  }
  for (const phase of [0, 1, 2])
    for (const { resource, requests } of work) if (resource.phase === phase) perform(world, resource, requests);
  const removed = Object.entries(before).flatMap(([key, one]) =>
    planned.has(key) || one.requests.length === 0 ? [] : [named(one)],
  );
  return { added, changed, removed, now };
}

function perform(world: World, resource: PlannedResource, requests: CreateRequest[]): void {
  for (const { service, operation, input } of requests) {
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
