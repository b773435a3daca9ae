/**
 * AWS Secrets Manager: secrets and their versions.
 *
 * Modelled: every operation below. Not modelled: rotation, replication to other regions, resource policies' effect (kept),
 * encryption: whoever reaches the port reads every secret, so that real ones do not belong here.
 * Source: Secrets Manager API reference; answers as recorded from AWS.
 */
import type { Millis } from '../../ports';
import { Refusal, refused, replyOf } from '../refusal';
import type { Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { invalidParameter, invalidToken } from './errors';
import { password } from './password';
import { type Secret, Secrets, type Version } from './secrets';

export function createSecretService(options: ServiceOptions): Service {
  return new SecretService(options);
}

class SecretService implements Service {
  readonly name = 'secretsmanager';
  private readonly secrets: Secrets;

  constructor(private readonly options: ServiceOptions) {
    this.secrets = new Secrets(options);
  }

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    this.secrets.advance(now);
    const act = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    const reply = replyOf(() => {
      if (act) return act(now, input ?? {});
      const message = `Secrets Manager's ${operation} is not modelled by the local runtime.`;
      throw new Refusal({ name: 'UnknownOperationException', message });
    });
    return { reply, wakeAt: this.secrets.nextMs() };
  }

  wake(now: Millis): Outcome {
    this.secrets.advance(now);
    return { wakeAt: this.secrets.nextMs() };
  }

  holds(): [number, string][] {
    return [[this.secrets.all().length, 'secret']];
  }

  private valueOf(now: Millis, input: Json): Json {
    const secret = this.secrets.alive(
      input.SecretId,
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
    const version = this.secrets.value(secret, input);
    // AWS keeps the day.
    secret.accessedMs = startOfDay(now);
    version.accessedMs = startOfDay(now);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: version.string,
      SecretBinary: version.binary,
      VersionStages: [...version.stages].sort(),
      CreatedDate: version.createdMs / 1000,
    };
  }

  private readonly operations: Record<string, (now: Millis, input: Json) => Json> = {
    CreateSecret: (now, input) => {
      const { secret, version } = this.secrets.create(now, input);
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },
    // For templates: made under the ARN that was foreseen, or given another version where the value is another.
    $PutSecret: (now, input) => {
      const existing = this.secrets.find(input.$arn);
      if (!existing) return { ARN: this.secrets.create(now, input).secret.arn };
      existing.description = input.Description;
      existing.kmsKeyId = input.KmsKeyId;
      existing.tags = new Map(input.Tags.map(({ Key, Value }: Json) => [Key, Value]));
      const is = existing.versions.size > 0 ? this.secrets.value(existing, {}).string : undefined;
      if (input.SecretString !== undefined && is !== input.SecretString) this.secrets.add(now, existing, input);
      return { ARN: existing.arn };
    },
    GetSecretValue: (now, input) => this.valueOf(now, input),
    BatchGetSecretValue: (now, { SecretIdList, Filters, ...input }) => {
      if ((SecretIdList === undefined) === (Filters === undefined))
        throw invalidParameter('Either SecretIdList or Filters must be provided, and not both.');
      const ids = SecretIdList ?? this.listed({ ...input, Filters }).map(({ arn }) => arn);
      const SecretValues: Json[] = [];
      const Errors: Json[] = [];
      for (const SecretId of ids) {
        const result = refused(() => this.valueOf(now, { SecretId }));
        if (result.error) Errors.push({ SecretId, ErrorCode: result.error.name, Message: result.error.message });
        else SecretValues.push(result.value);
      }
      return { SecretValues, Errors };
    },
    PutSecretValue: (now, input) => {
      const secret = this.secrets.alive(input.SecretId);
      const version = this.secrets.add(now, secret, input, input.VersionStages);
      return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages].sort() };
    },
    UpdateSecret: (now, input) => {
      const secret = this.secrets.alive(input.SecretId);
      const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
      const version = hasValue ? this.secrets.add(now, secret, input) : undefined;
      if (input.Description !== undefined) secret.description = input.Description;
      if (input.KmsKeyId !== undefined) secret.kmsKeyId = input.KmsKeyId;
      secret.changedMs = now;
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },
    UpdateSecretVersionStage: (now, input) => {
      const secret = this.secrets.alive(input.SecretId);
      this.secrets.moveStage(now, secret, input);
      return { ARN: secret.arn, Name: secret.name };
    },
    DescribeSecret: (_now, { SecretId }) => described(this.secrets.get(SecretId)),
    ListSecrets: (_now, input) => {
      const { items, NextToken } = paged(this.listed(input), input);
      const SecretList = items.map((secret) => {
        const { VersionIdsToStages, ...rest } = described(secret);
        return { ...rest, SecretVersionsToStages: VersionIdsToStages };
      });
      return { SecretList, NextToken };
    },
    ListSecretVersionIds: (_now, input) => {
      const secret = this.secrets.get(input.SecretId);
      const versions = [...secret.versions.values()].filter(({ stages }) => stages.size > 0 || input.IncludeDeprecated);
      const { items, NextToken } = paged(versions, input);
      return { ARN: secret.arn, Name: secret.name, Versions: items.map(shown), NextToken };
    },
    DeleteSecret: (now, input) => {
      if (input.ForceDeleteWithoutRecovery && !this.secrets.find(input.SecretId)) {
        // AWS answers as if it had been there.
        return { ARN: input.SecretId, Name: input.SecretId, DeletionDate: now / 1000 };
      }
      const { secret, atMs } = this.secrets.delete(now, input);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: atMs / 1000 };
    },
    RestoreSecret: (_now, { SecretId }) => {
      const secret = this.secrets.get(SecretId);
      secret.deletion = undefined;
      return { ARN: secret.arn, Name: secret.name };
    },
    GetRandomPassword: (_now, input) => ({ RandomPassword: password(this.options.random, input) }),
    TagResource: (_now, { SecretId, Tags = [] }) => {
      const { tags } = this.secrets.alive(SecretId);
      for (const { Key, Value } of Tags) tags.set(Key, Value);
      return {};
    },
    UntagResource: (_now, { SecretId, TagKeys = [] }) => {
      const { tags } = this.secrets.alive(SecretId);
      for (const key of TagKeys) tags.delete(key);
      return {};
    },
    PutResourcePolicy: (_now, { SecretId, ResourcePolicy }) => {
      const secret = this.secrets.alive(SecretId);
      secret.policy = ResourcePolicy;
      return { ARN: secret.arn, Name: secret.name };
    },
    GetResourcePolicy: (_now, { SecretId }) => {
      const { arn, name, policy } = this.secrets.get(SecretId);
      return { ARN: arn, Name: name, ResourcePolicy: policy };
    },
    DeleteResourcePolicy: (_now, { SecretId }) => {
      const secret = this.secrets.alive(SecretId);
      secret.policy = undefined;
      return { ARN: secret.arn, Name: secret.name };
    },
  };

  /** Source: API ListSecrets: values match from their beginning, '!' in front negates. */
  private listed({ Filters = [], IncludePlannedDeletion, SortOrder = 'desc' }: Json): Secret[] {
    const found = this.secrets
      .all()
      .filter(({ deletion }) => !deletion || IncludePlannedDeletion)
      .filter((secret) => Filters.every((filter: Json) => fits(secret, filter)));
    return SortOrder === 'asc' ? found : found.reverse();
  }
}

function fits(secret: Secret, { Key, Values = [] }: Json): boolean {
  const texts: Record<string, (string | undefined)[]> = {
    name: [secret.name],
    description: [secret.description],
    'tag-key': [...secret.tags.keys()],
    'tag-value': [...secret.tags.values()],
    all: [secret.name, secret.description, ...secret.tags.keys(), ...secret.tags.values()],
  };
  const own = texts[Key];
  if (!own)
    throw invalidParameter(
      `The filter key ${Key} is not modelled by the local runtime; modelled: ${Object.keys(texts).join(', ')}.`,
    );
  const begins = (value: string): boolean => own.some((text) => text?.startsWith(value));
  return Values.some((value: string) => (value.startsWith('!') ? !begins(value.slice(1)) : begins(value)));
}

function described(secret: Secret): Json {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    CreatedDate: secret.createdMs / 1000,
    LastChangedDate: secret.changedMs / 1000,
    LastAccessedDate: secret.accessedMs === undefined ? undefined : secret.accessedMs / 1000,
    DeletedDate: secret.deletion && secret.deletion.markedMs / 1000,
    Tags: secret.tags.size > 0 ? [...secret.tags].map(([Key, Value]) => ({ Key, Value })) : undefined,
    VersionIdsToStages: Object.fromEntries(
      [...secret.versions.values()]
        .filter(({ stages }) => stages.size > 0)
        .map(({ id, stages }) => [id, [...stages].sort()]),
    ),
  };
}

const shown = ({ id, stages, createdMs, accessedMs }: Version): Json => ({
  VersionId: id,
  ...(stages.size > 0 && { VersionStages: [...stages].sort() }),
  CreatedDate: createdMs / 1000,
  LastAccessedDate: accessedMs === undefined ? undefined : accessedMs / 1000,
  KmsKeyIds: ['DefaultEncryptionKey'],
});

const startOfDay = (now: Millis): Millis => Math.floor(now / 86_400_000) * 86_400_000;

function paged<T>(all: T[], { MaxResults = 100, NextToken }: Json): { items: T[]; NextToken?: string } {
  const from = NextToken ? Number(Buffer.from(String(NextToken), 'base64').toString()) : 0;
  if (!Number.isInteger(from)) throw invalidToken('Invalid NextToken.');
  const end = from + MaxResults;
  return {
    items: all.slice(from, end),
    ...(end < all.length && { NextToken: Buffer.from(String(end)).toString('base64') }),
  };
}
