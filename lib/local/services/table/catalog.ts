/** The tables of the account, by name. */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { invalid, notModelled, tableNotFound } from './errors';
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

  constructor(readonly options: ServiceOptions) {}

  /** By name or ARN; refuses with AWS's words for requests on items. */
  find(name: unknown): Registered {
    const registered = this.tables.get(tableName(name));
    if (!registered) throw tableNotFound();
    return registered;
  }

  arnOf(name: string): string {
    return `arn:aws:dynamodb:${this.options.region}:${this.options.account}:table/${name}`;
  }
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
