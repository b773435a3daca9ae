/**
 * What a local service is: a deterministic machine over its own state. No promises, no clock, no ids from nowhere.
 *
 * 1. `apply(now, request)` answers one request and says what else must happen (`effects`). The world performs effects.
 * 2. An answer that must wait (long polling) is left out of the outcome and comes later as a `reply` effect.
 * 3. `wake(now)` does what time alone brings; the service is woken at (or after) the last `wakeAt` it gave.
 * 4. Inputs and outputs are in AWS's JSON wire form: blobs in base64, timestamps in epoch seconds, names as in the API.
 */
import type { Millis, Random } from '../ports';

export type Json = any;

/** Names as the world, the wire and the resource types use them. */
export type ServiceName =
  | 'events'
  | 'sqs'
  | 'lambda'
  | 'dynamodb'
  | 's3'
  | 'scheduler'
  | 'logs'
  | 'cloudformation'
  | 'sts'
  | 'cloudwatch'
  | 'states'
  | 'sns'
  | 'ssm'
  | 'secretsmanager';

export interface ServiceRequest {
  /**
   * AWS's operation name, e.g. 'SendMessage'. '$...' is internal to the runtime: '$reply' answers a `call` effect,
   * '$abandoned' says that nobody waits for the answer to `input.requestId` any more.
   */
  operation: string;
  input: Json;
  /** Unique in the world; a later `reply` effect names it. */
  requestId: string;
}

/** An error as AWS names it. `members` are further members of the error body (CancellationReasons, Item, ...). */
export interface ServiceError {
  name: string;
  message: string;
  /** HTTP status; 400 unless told. */
  status?: number;
  members?: Json;
  /** SQS only: the code of the Query protocol where it differs, e.g. 'AWS.SimpleQueueService.NonExistentQueue'. */
  queryCode?: string;
}

export type Reply = { output: Json; error?: undefined } | { error: ServiceError; output?: undefined };

export type Effect =
  /** Ask another service. Where `tag` is given, the answer comes back as `apply({ operation: '$reply', input: { tag, reply } })`. */
  | { kind: 'call'; to: ServiceName; operation: string; input: Json; tag?: Json }
  /** The answer to an earlier request that had to wait. */
  | { kind: 'reply'; requestId: string; reply: Reply }
  /** Functions only: have the runtime run an invocation in an environment. Ends as `apply({ operation: '$finished' })`. */
  | { kind: 'run'; invocation: Invocation }
  /** Functions only: forget an environment (crashed, timed out, idle, replaced). */
  | { kind: 'discard'; environmentId: string }
  /** A line for the trace; the world adds `at`. */
  | { kind: 'trace'; entry: { kind: string; [field: string]: unknown } };

export interface Outcome {
  reply?: Reply;
  effects?: Effect[];
  /** When time alone will bring something; undefined: never. Replaces what an earlier outcome said. */
  wakeAt?: Millis;
}

export interface Service {
  readonly name: ServiceName;
  apply(now: Millis, request: ServiceRequest): Outcome;
  wake(now: Millis): Outcome;
  /** It has no state of its own: nothing of it is kept (durable). */
  readonly stateless?: true;
  /** What a service that is no instance of a class remembers (kept.ts). */
  readonly state?: object;
  /** True while its state holds what cannot be written down; then its acts are kept until that is over. */
  busy?(): boolean;
  /** Takes out what cannot be written down and can be made again from the rest; gives what puts it back. */
  setAside?(): () => void;
  /** After its state was read: makes again what was set aside. */
  makeAgain?(): void;
  /** What it holds, for people: e.g. [12, 'message'], [1, 'running execution']. Counts of 0 need not be given. */
  holds?(): [count: number, what: string][];
}

/** What each service is built with. */
export interface ServiceOptions {
  account: string;
  region: string;
  random: Random;
  /** 'http://127.0.0.1:4566' or, in virtual time, a made-up address: the base of queue URLs. */
  endpoint: string;
}

/** One run of a function. `payload` is the event as JSON text. */
export interface Invocation {
  invocationId: string;
  requestId: string;
  functionArn: string;
  functionName: string;
  environmentId: string;
  /** The environment is new: its module code runs first. */
  cold: boolean;
  payload: string;
  /** Epoch milliseconds at which the function is killed. */
  deadlineMs: Millis;
  environment: EnvironmentSpec;
}

/** What an execution environment is made of; equal for all invocations of one version of a function. */
export interface EnvironmentSpec {
  functionName: string;
  functionArn: string;
  version: string;
  /** Folder with the function's code, as the asset was staged; '' where `archive` has it: then the runtime unpacks it. */
  codeDir: string;
  archive?: Archive;
  /** e.g. 'index.handler'. */
  handler: string;
  memoryMb: number;
  timeoutSeconds: number;
  variables: Record<string, string>;
  logGroupName: string;
}

/** Code as it was uploaded. */
export interface Archive {
  bytes: Uint8Array;
  /** In base64, as Lambda's CodeSha256. */
  sha256: string;
}

/** How an invocation ended. `payload` is the handler's result as JSON text, or Lambda's error object as JSON text. */
export interface Finished {
  invocationId: string;
  environmentId: string;
  /** undefined: success. 'Unhandled': the handler threw. 'Crash': the environment is gone. 'Timeout': killed. */
  functionError?: 'Unhandled' | 'Crash' | 'Timeout';
  payload: string;
  /** False when the environment must not be used again. */
  reusable: boolean;
  /** The last 4 KB of what this invocation logged. */
  logTail?: string;
}

/** Runs code: the sandbox in virtual time, worker threads in real time. */
export interface FunctionRuntime {
  /** `done` is called exactly once for each invocation, also when the environment dies. */
  run(invocation: Invocation, done: (finished: Finished) => void): void;
  discard(environmentId: string): void;
  stop(): Promise<void>;
}

export const ok = (output: Json = {}): Reply => ({ output });
export const fail = (name: string, message: string, more: Omit<ServiceError, 'name' | 'message'> = {}): Reply => ({
  error: { name, message, ...more },
});
