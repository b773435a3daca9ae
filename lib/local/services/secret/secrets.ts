/**
 * Secrets, their versions and the labels on these.
 *
 * 1. AWSCURRENT is on one version; what had it before gets AWSPREVIOUS. A label is on one version at a time; a version without
 *    labels is deprecated, and goes when more than 100 are there.
 * 2. A deleted secret stays for its recovery window and answers no questions for its value; with ForceDeleteWithoutRecovery it
 *    is gone at once. Its name is taken until then.
 * 3. The same ClientRequestToken with the same value is the same version; with another it is refused.
 * Source: Secrets Manager API reference, CreateSecret, PutSecretValue, UpdateSecretVersionStage, DeleteSecret; texts as recorded
 * from AWS in the tests of localstack/localstack (Apache-2.0).
 */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { exists, invalidParameter, invalidRequest, limitExceeded, noSecret, notFound, validation } from './errors';

export interface Version {
  id: string;
  createdMs: Millis;
  string?: string;
  /** base64 */
  binary?: string;
  stages: Set<string>;
  accessedMs?: Millis;
}

export interface Secret {
  name: string;
  arn: string;
  description?: string;
  kmsKeyId?: string;
  createdMs: Millis;
  changedMs: Millis;
  accessedMs?: Millis;
  /** When it was marked, and when it goes. */
  deletion?: { markedMs: Millis; goesMs: Millis };
  tags: Map<string, string>;
  policy?: string;
  /** In order of creation. */
  versions: Map<string, Version>;
}

const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
const mostBytes = 65_536;
const mostVersions = 100;
const dayMs = 86_400_000;

export class Secrets {
  private readonly byName = new Map<string, Secret>();

  constructor(private readonly options: ServiceOptions) {}

  all(): Secret[] {
    return [...this.byName.values()];
  }

  /** What is over goes. */
  advance(now: Millis): void {
    for (const { name, deletion } of this.byName.values())
      if (deletion && deletion.goesMs <= now) this.byName.delete(name);
  }

  nextMs(): Millis | undefined {
    const times = this.all().flatMap(({ deletion }) => deletion?.goesMs ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** By name, ARN, or ARN without its last six characters. */
  find(id: unknown): Secret | undefined {
    const text = String(id);
    if (!text.startsWith('arn:')) return this.byName.get(text);
    return this.all().find(({ arn }) => arn === text || arn.slice(0, -7) === text);
  }

  get(id: unknown): Secret {
    const secret = this.find(id);
    if (!secret) throw noSecret();
    return secret;
  }

  /** One that is not marked for deletion. */
  alive(
    id: unknown,
    why = "You can't perform this operation on the secret because it was marked for deletion.",
  ): Secret {
    const secret = this.get(id);
    if (secret.deletion) throw invalidRequest(why);
    return secret;
  }

  create(now: Millis, input: Json): { secret: Secret; version?: Version } {
    demandName(input.Name);
    const existing = this.byName.get(input.Name);
    if (existing?.deletion)
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    if (existing) {
      const same = existing.versions.get(input.ClientRequestToken);
      if (same && same.string === input.SecretString && same.binary === input.SecretBinary)
        return { secret: existing, version: same };
      throw exists(`The operation failed because the secret ${input.Name} already exists.`);
    }
    const secret: Secret = {
      name: input.Name,
      arn: input.$arn ?? this.arn(input.Name),
      description: input.Description,
      kmsKeyId: input.KmsKeyId,
      createdMs: now,
      changedMs: now,
      tags: new Map((input.Tags ?? []).map(({ Key, Value }: Json) => [Key, Value])),
      versions: new Map(),
    };
    const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
    const version = hasValue ? this.add(now, secret, input, [current]) : undefined;
    this.byName.set(secret.name, secret);
    return { secret, version };
  }

  /** A new version, which takes the stages from those that have them. */
  add(now: Millis, secret: Secret, input: Json, stages: string[] = [current]): Version {
    const { SecretString: string, SecretBinary: binary } = input;
    if ((string === undefined) === (binary === undefined))
      throw invalidParameter('You must provide either SecretString or SecretBinary, and not both.');
    const bytes = string === undefined ? Buffer.from(binary, 'base64').length : Buffer.byteLength(string);
    if (bytes > mostBytes)
      throw invalidParameter(`The secret value has ${bytes} bytes; at most ${mostBytes} are allowed.`);
    const id = input.ClientRequestToken ?? this.options.random.uuid();
    if (!/^[\w-]{32,64}$/.test(id))
      throw invalidParameter(
        `ClientRequestToken must be 32-64 characters long; it has ${String(id).length}: letters, digits, _ and -.`,
      );
    const same = secret.versions.get(id);
    if (same) {
      if (same.string === string && same.binary === binary) return same;
      throw exists(
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    const version: Version = { id, createdMs: now, string, binary, stages: new Set() };
    secret.versions.set(id, version);
    for (const stage of stages) moveStage(secret, stage, version);
    // The first version of a secret is the current one whatever it is called.
    if (secret.versions.size === 1) version.stages.add(current);
    secret.changedMs = now;
    dropDeprecated(secret);
    return version;
  }

  value(secret: Secret, { VersionId, VersionStage }: Json): Version {
    if (VersionId !== undefined) {
      const version = secret.versions.get(VersionId);
      if (!version) throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${VersionId}`);
      if (VersionStage !== undefined && !version.stages.has(VersionStage))
        throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
      return version;
    }
    const stage = VersionStage ?? current;
    const version = staged(secret, stage);
    if (!version) throw notFound(`Secrets Manager can't find the specified secret value for staging label: ${stage}`);
    return version;
  }

  moveStage(now: Millis, secret: Secret, { VersionStage, MoveToVersionId, RemoveFromVersionId }: Json): void {
    const holder = staged(secret, VersionStage);
    if (RemoveFromVersionId !== undefined && holder?.id !== RemoveFromVersionId)
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be ${RemoveFromVersionId}: the label ${VersionStage} is on ${holder?.id ?? 'no version'}.`,
      );
    if (MoveToVersionId === undefined) {
      if (VersionStage === current)
        throw invalidParameter(
          `You can only move staging label ${current} to a different secret version. It can't be completely removed.`,
        );
      holder?.stages.delete(VersionStage);
    } else {
      const target = secret.versions.get(MoveToVersionId);
      if (!target) throw notFound(`Secrets Manager can't find the specified secret version: ${MoveToVersionId}.`);
      if (holder && holder !== target && RemoveFromVersionId === undefined)
        throw invalidParameter(
          `The parameter RemoveFromVersionId can't be empty. Staging label ${VersionStage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
        );
      moveStage(secret, VersionStage, target);
    }
    secret.changedMs = now;
  }

  delete(now: Millis, input: Json): { secret: Secret; atMs: Millis } {
    const { ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days } = input;
    if (force && days !== undefined)
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    if (days !== undefined && !(days >= 7 && days <= 30))
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
    const secret = this.get(input.SecretId);
    if (force) {
      this.byName.delete(secret.name);
      return { secret, atMs: now };
    }
    if (secret.deletion)
      throw invalidRequest('You tried to perform the operation on a secret that was marked for deletion.');
    secret.deletion = { markedMs: now, goesMs: now + (days ?? 30) * dayMs };
    return { secret, atMs: secret.deletion.goesMs };
  }

  private arn(name: string): string {
    const { region, account, random } = this.options;
    const letters = Array.from({ length: 6 }, () => alphabet[random.below(alphabet.length)]).join('');
    return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${letters}`;
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const staged = ({ versions }: Secret, stage: string): Version | undefined =>
  [...versions.values()].find(({ stages }) => stages.has(stage));

function moveStage(secret: Secret, stage: string, to: Version): void {
  const holder = staged(secret, stage);
  if (holder === to) return;
  holder?.stages.delete(stage);
  to.stages.add(stage);
  if (stage !== current || !holder) return;
  for (const { stages } of secret.versions.values()) stages.delete(previous);
  holder.stages.add(previous);
}

function dropDeprecated({ versions }: Secret): void {
  for (const { id, stages } of versions.values()) {
    if (versions.size <= mostVersions) return;
    if (stages.size === 0) versions.delete(id);
  }
  if (versions.size > mostVersions) throw limitExceeded(`A secret can have at most ${mostVersions} versions.`);
}

function demandName(name: unknown): void {
  if (typeof name === 'string' && /^[\w/+=.@!-]{1,512}$/.test(name)) return;
  throw validation(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}
