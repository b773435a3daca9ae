/** The tables of the account, by name. */
import { createHash } from 'node:crypto';
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { invalid, notModelled, tableNotFound } from './errors';
import { keptMs, type TableStream } from './streams/stream';
import type { Table } from './table';

export interface Registered {
  table: Table;
  arn: string;
  id: string;
  createdMs: Millis;
  /** As given to CreateTable and UpdateTable: AttributeDefinitions, KeySchema, BillingMode, ... */
  definition: Json;
  tags: Map<string, string>;
  deletionProtection: boolean;
  pointInTimeRecovery: boolean;
}

export class Catalog {
  readonly tables = new Map<string, Registered>();
  /** By ARN; those that ended can be read for a day. */
  readonly streams = new Map<string, TableStream>();

  constructor(readonly options: ServiceOptions) {}

  /** By name or ARN; refuses with AWS's words for requests on items. */
  find(name: unknown): Registered {
    const registered = this.tables.get(tableName(name));
    if (!registered) throw tableNotFound();
    return registered;
  }

  forgetOldStreams(now: Millis): void {
    for (const [arn, { closedMs }] of this.streams) {
      if (closedMs !== undefined && closedMs + keptMs <= now) this.streams.delete(arn);
    }
  }

  arnOf(name: string): string {
    return `arn:aws:dynamodb:${this.options.region}:${this.options.account}:table/${name}`;
  }
}

/** A stream's ARN ends in the time of its creation; a table's first in one that is known before anything is created. */
export const streamLabel = '1970-01-01T00:00:00.000';

/** Derived from the ARN, so that it is known before the table is created. */
export function tableId(arn: string): string {
  const hex = createHash('sha256').update(arn).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The name in a `TableName` parameter, which may be an ARN. */
export function tableName(value: unknown): string {
  if (typeof value !== 'string') {
    throw invalid(
      `1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null`,
    );
  }
  const name = value.startsWith('arn:') ? value.slice(value.indexOf(':table/') + ':table/'.length) : value;
  if (!/^[A-Za-z0-9_.-]{3,255}$/.test(name)) {
    throw invalid(
      `TableName '${name}': names are 3 to 255 characters long and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'`,
    );
  }
  return name;
}

const legacyParameters: Record<string, string> = {
  Expected: 'ConditionExpression',
  AttributeUpdates: 'UpdateExpression',
  KeyConditions: 'KeyConditionExpression',
  QueryFilter: 'FilterExpression',
  ScanFilter: 'FilterExpression',
  AttributesToGet: 'ProjectionExpression',
  ConditionalOperator: 'AND and OR in an expression',
};

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html */
export function refuseLegacy(input: Json): void {
  for (const name in legacyParameters) {
    if (input[name] === undefined || input[name] === null) continue;
    throw notModelled(`The legacy parameter ${name}`, `Use ${legacyParameters[name]} instead.`);
  }
}
