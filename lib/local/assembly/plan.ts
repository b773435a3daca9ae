/** What must be created, and what the rest of the runtime may know of it. */
import type { CreateRequest, Identity, ResourceTypes } from '../services/resource-type';
import type { Refusal } from './errors';
import type { Assembly, Template } from './load';
import { Planner } from './planner';

export interface PlanContext {
  account: string;
  region: string;
  /** The base of queue URLs and the like, e.g. 'http://127.0.0.1:4566'. */
  endpoint: string;
  /** Values of template parameters, by 'Name' or, for one stack only, 'Stack:Name'. */
  parameters?: Record<string, string>;
  /** What generated values (secrets) follow from: the same seed plans the same. */
  seed?: string;
  /** List what is not modelled instead of throwing. */
  allowUnmodelled?: boolean;
}

export interface PlannedResource {
  stackName: string;
  logicalId: string;
  constructPath: string;
  type: string;
  identity: Identity;
  /** To be performed in this order. */
  requests: CreateRequest[];
  phase: 0 | 1 | 2;
  /** Why nothing is created for it, where that is so. */
  observes?: string;
}

export interface StackOutput {
  key: string;
  value: string;
  exportName?: string;
  description?: string;
}

export interface Plan {
  resources: PlannedResource[];
  outputs: { stackName: string; outputs: StackOutput[] }[];
  /** Those of `resources` that only observe. */
  observers: PlannedResource[];
  /** Empty unless `allowUnmodelled`. */
  refusals: Refusal[];
  /** What has no effect here, and why: ignored properties, the Rules section. */
  ignored: { stackName: string; logicalId: string; property?: string; why: string }[];
  stacks: { stackName: string; stackId: string; template: Template }[];
}

/** Throws RefusedError. */
export function planResources(assembly: Assembly, resourceTypes: ResourceTypes, context: PlanContext): Plan {
  return new Planner(assembly, resourceTypes, context).plan();
}
