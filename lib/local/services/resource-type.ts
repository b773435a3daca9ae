/**
 * How a CloudFormation resource becomes something local. Each service folder exports its own `resourceTypes`;
 * a type or a property that no service lists is refused by name (lib/local/assembly/refuse.ts).
 */
import type { Random } from '../ports';
import type { Json, ServiceName } from './service';

export interface Identity {
  /** What `Ref` gives. */
  ref: string;
  /** What `Fn::GetAtt` gives, by attribute name (dotted names included). */
  attributes: Record<string, Json>;
  /** In their place where only the resource's own code knows them (custom resources). */
  anyAttribute?(name: string): Json;
}

/** Known before anything is created, so that references need no order. `props` may still hold unresolved intrinsics. */
export interface IdentifyContext {
  stackName: string;
  logicalId: string;
  account: string;
  region: string;
  /** The base of queue URLs and the like. */
  endpoint: string;
  /** The property's resolved value where it can be resolved early (explicit physical names), else undefined. */
  property(name: string): Json;
  /** A physical name as CloudFormation makes them: stack, logical id and 12 characters derived from both. */
  uniqueName(options?: { maxLength?: number; lowerCase?: boolean; suffix?: string }): string;
}

/** What a value is made of that dynamic references find; every property is resolved. */
export interface StoredContext {
  props: Json;
  /** The resource's own, new for each question: the same draws whenever the same run is planned. */
  random: Random;
}

/** What is known when the resource is created: every property is resolved. */
export interface CreateContext {
  logicalId: string;
  stackName: string;
  /** e.g. 'BatonWorkflow/Dispatch/reserve-capacity/Queue'; the logical id where the template does not say. */
  constructPath: string;
  account: string;
  region: string;
  props: Json;
  identity: Identity;
  /** What the type's `stored` gave. */
  stored?: string;
  /** The staged folder of an S3 asset key ('<hash>.zip' -> folder), undefined when unknown. */
  assetDir(s3Key: string): string | undefined;
}

export interface CreateRequest {
  service: ServiceName;
  operation: string;
  input: Json;
}

export interface ResourceType {
  /**
   * Top-level property names, or dotted paths ('Replicas.*.TableClass'), that are acted on. A path covers what is below it.
   */
  modelled: string[];
  /** Properties that change nothing here, with the reason in words, e.g. { KmsMasterKeyId: 'encryption at rest is not observable here' }. */
  ignored?: Record<string, string>;
  identify(context: IdentifyContext): Identity;
  /** Performed in order at start. A type that only observes (alarms, dashboards, roles) returns []. */
  create(context: CreateContext): CreateRequest[];
  /** Parameters and secrets: the value that dynamic references to it give; undefined where it has none. */
  stored?(context: StoredContext): string | undefined;
  /** True for types that only observe and are listed as such at start. */
  observes?: string;
  /** Types are created in ascending order: 0 things that others name, 1 the rest, 2 what connects them (rules, mappings). */
  phase?: 0 | 1 | 2;
}

export type ResourceTypes = Record<string, ResourceType>;
