/**
 * All that a handler gets from outside itself: time, chance, variables, and the clients of AWS. The only file of
 * lambdas/ that touches any of them; tests replace them here. Each client is built on first use, and one that a bundle
 * does not name is not in the bundle: hence functions, not an object.
 */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { InvariantError } from '../../lib/contracts/invariant';

/** What tests may put in the place of the real thing. */
export interface Replacements {
  now(): number;
  random(): number;
  uuid(): string;
  after(ms: number, work: () => void): () => void;
  variable(name: string): string | undefined;
  dynamodb: Sends<DynamoDBClient>;
  events: Sends<EventBridgeClient>;
  sqs: Sends<SQSClient>;
  scheduler: Sends<SchedulerClient>;
  s3: Sends<S3Client>;
  states: Sends<SFNClient>;
}
type Sends<Client extends { send: unknown }> = Pick<Client, 'send'>;

let replaced: Partial<Replacements> = {};
const clients: Partial<Pick<Replacements, 'dynamodb' | 'events' | 'sqs' | 'scheduler' | 's3' | 'states'>> = {};

/** For tests: replaces parts of the environment, and returns how to undo it. */
export function replaceEnvironment(replacements: Partial<Replacements>): () => void {
  const before = replaced;
  replaced = { ...before, ...replacements };
  return () => {
    replaced = before;
  };
}

/** Epoch milliseconds. */
export const now = (): number => (replaced.now ?? Date.now)();

/** Uniform in [0, 1). */
export const random = (): number => (replaced.random ?? Math.random)();

export const uuid = (): string => (replaced.uuid ?? randomUUID)();

/** Runs `work` once after `ms` milliseconds, unless the returned function is called before. */
export function after(ms: number, work: () => void): () => void {
  if (replaced.after) return replaced.after(ms, work);
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => after(ms, resolve));

/** The value of an environment variable; names are in lib/contracts/environment.ts. Throws where it is not set. */
export function variable(name: string): string {
  const value = replaced.variable ? replaced.variable(name) : process.env[name];
  if (value) return value;
  throw new InvariantError(
    `environment variable ${name} is not set; lib/constructs sets it for each function that declares the need for it`,
  );
}

/**
 * Prints the SDK's warnings, as without one. Its own silent logger is handed a filtered copy of each input and output, a
 * tenth of what a call costs; what a logger does not have (info, error) is not called.
 */
const logger = { debug: () => {}, warn: console.warn } as unknown as Console;

/** What the SDK would look for in variables and then in files that no function has, for each client of a cold start. */
const told = {
  region: process.env.AWS_REGION,
  useFipsEndpoint: process.env.AWS_USE_FIPS_ENDPOINT === 'true',
  useDualstackEndpoint: process.env.AWS_USE_DUALSTACK_ENDPOINT === 'true',
  retryMode: 'standard',
};

/**
 * Short time-outs, since a function has seconds: a request that hangs is given up and tried again by the SDK. What
 * lasts longer than the SDK's attempts is tried again by lambdas/shared/patience.ts, up to the invocation's deadline.
 */
const options = {
  maxAttempts: 3,
  ...told,
  // The way of a command through the client is worked out once, not for each call; nobody adds to it later.
  cacheMiddleware: true,
  logger,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/**
 * For services whose calls are all tried again here, more patiently than the SDK would (patience.ts): two layers of attempts
 * multiply, and a service that is down would be asked three times as often.
 * Source: aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter.
 */
const once = { ...options, maxAttempts: 1 };

/**
 * The option of a call that must not outlive its claim: the SDK tries again by itself, and neither begins nor repeats it
 * once `signal` says that the deadline is near (C1).
 */
export const until = (signal: AbortSignal | undefined) => signal && { abortSignal: signal };

/** Nothing is looked up at DynamoDB's endpoint discovery: room for a thousand endpoints, the default, is for nothing. */
export function dynamodb(): Sends<DynamoDBClient> {
  clients.dynamodb ??= replaced.dynamodb ? undefined : new DynamoDBClient({ ...options, endpointCacheSize: 1 });
  return replaced.dynamodb ?? clients.dynamodb!;
}

export function events(): Sends<EventBridgeClient> {
  clients.events ??= replaced.events ? undefined : new EventBridgeClient(once);
  return replaced.events ?? clients.events!;
}

export function sqs(): Sends<SQSClient> {
  clients.sqs ??= replaced.sqs ? undefined : new SQSClient(once);
  return replaced.sqs ?? clients.sqs!;
}

export function scheduler(): Sends<SchedulerClient> {
  clients.scheduler ??= replaced.scheduler ? undefined : new SchedulerClient(once);
  return replaced.scheduler ?? clients.scheduler!;
}

export function states(): Sends<SFNClient> {
  clients.states ??= replaced.states ? undefined : new SFNClient(once);
  return replaced.states ?? clients.states!;
}

/** A name of a bucket is no name of a host where AWS is one address: a local endpoint. */
const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);

export function s3(): Sends<S3Client> {
  clients.s3 ??= replaced.s3 ? undefined : new S3Client({ ...options, forcePathStyle });
  return replaced.s3 ?? clients.s3!;
}
