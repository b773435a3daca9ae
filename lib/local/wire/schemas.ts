/**
 * The shapes of AWS's APIs, taken from the AWS SDK's own exported schemas: names in XML and forms, HTTP bindings, types.
 * Loaded when a service is first spoken to, since each client costs about 0.1 s; synchronously, so that it takes
 * no turn of the event loop and virtual time stays deterministic.
 *
 * The schemas are no documented server API: the client packages' versions are pinned.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { ServiceName } from '../services/service';

/** Services whose client package is installed. */
export type ShapedService = Extract<
  ServiceName,
  | 'sqs'
  | 'cloudformation'
  | 'lambda'
  | 's3'
  | 'scheduler'
  | 'dynamodb'
  | 'events'
  | 'states'
  | 'sns'
  | 'ssm'
  | 'secretsmanager'
>;

export interface Operation {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** REST only. */
  http?: HttpBinding;
}

export interface HttpBinding {
  method: string;
  status: number;
  /** Of the path; '{Name}' is a label. */
  parts: string[];
  /** The label that takes the rest of the path, slashes included. */
  greedyLabel?: string;
  /** Query parameters that must be there; '' allows any value. */
  constants: [name: string, value: string][];
  /** The SDK's own hint in the query string. */
  hint?: string;
  /** Query parameters and headers (in lower case) of members that must be given. */
  requiredQuery: string[];
  requiredHeaders: string[];
}

export interface Api {
  operations: Map<string, Operation>;
  /** HTTP status of an error, where its shape says. */
  errorStatus(name: string): number | undefined;
}

const clients: Record<ShapedService, () => Record<string, any>> = {
  sqs: () => require('@aws-sdk/client-sqs'),
  cloudformation: () => require('@aws-sdk/client-cloudformation'),
  lambda: () => require('@aws-sdk/client-lambda'),
  s3: () => require('@aws-sdk/client-s3'),
  scheduler: () => require('@aws-sdk/client-scheduler'),
  dynamodb: () => require('@aws-sdk/client-dynamodb'),
  events: () => require('@aws-sdk/client-eventbridge'),
  states: () => require('@aws-sdk/client-sfn'),
  sns: () => require('@aws-sdk/client-sns'),
  ssm: () => require('@aws-sdk/client-ssm'),
  secretsmanager: () => require('@aws-sdk/client-secrets-manager'),
};
const loaded = new Map<ShapedService, Api>();

export const isShaped = (service: ServiceName): service is ShapedService => Object.hasOwn(clients, service);

export function api(service: ShapedService): Api {
  const known = loaded.get(service);
  if (known) return known;
  const { NormalizedSchema: Schema } = require('@smithy/core/schema') as typeof import('@smithy/core/schema');
  const client = clients[service]();
  const operations = new Map<string, Operation>();
  for (const schema of Object.values(client)) {
    // 9 marks an operation: [9, namespace, name, traits, input, output].
    if (!Array.isArray(schema) || schema[0] !== 9) continue;
    const [, , name, traits, input, output] = schema;
    const operation = { name, input: Schema.of(input), output: Schema.of(output) };
    operations.set(name, { ...operation, http: traits?.http && httpBinding(traits.http, operation.input) });
  }
  const made: Api = {
    operations,
    errorStatus: (name) => {
      const schema = client[`${name}$`];
      return Array.isArray(schema) ? schema[3]?.httpError : undefined;
    },
  };
  loaded.set(service, made);
  return made;
}

function httpBinding([method, uri, status]: [string, string, number], input: NormalizedSchema): HttpBinding {
  const [path, query = ''] = uri.split('?');
  const parts = path!.split('/').filter(Boolean);
  const greedyLabel = /^\{(\w+)\+\}$/.exec(parts.at(-1) ?? '')?.[1];
  if (greedyLabel) parts.pop();
  const constants = [...new URLSearchParams(query)];
  const required = requiredMembers(input).map((name) => input.getMemberSchema(name).getMergedTraits());
  return {
    method,
    status,
    parts,
    greedyLabel,
    constants: constants.filter(([name]) => name !== 'x-id'),
    hint: constants.find(([name]) => name === 'x-id')?.[1],
    requiredQuery: required.flatMap(({ httpQuery }) => (httpQuery ? [String(httpQuery)] : [])),
    requiredHeaders: required.flatMap(({ httpHeader }) => (httpHeader ? [String(httpHeader).toLowerCase()] : [])),
  };
}

type StructureSchema = [number, string, string, unknown, memberNames: string[], unknown[], requiredCount?: number];

export function hasMember(schema: NormalizedSchema, name: string): boolean {
  return schema.isStructSchema() && (schema.getSchema() as unknown as StructureSchema)[4].includes(name);
}

/** Members that must be given; a structure lists them first and counts them at its end. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  if (!schema.isStructSchema()) return [];
  const structure = schema.getSchema() as unknown as StructureSchema;
  return structure[4].slice(0, structure[6] ?? 0);
}

type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** How a timestamp is written at this place; `usual` where the schema does not say. */
export function timestampFormat(schema: NormalizedSchema, usual: TimestampFormat): TimestampFormat {
  // 5, 6 and 7 are the schema's own marks for formats; 4 is "as the protocol does".
  const mark = schema.getSchema();
  return mark === 5 ? 'date-time' : mark === 6 ? 'http-date' : mark === 7 ? 'epoch-seconds' : usual;
}

/** Epoch seconds -> text. */
export function writeTimestamp(seconds: number, format: TimestampFormat): string {
  if (format === 'epoch-seconds') return String(seconds);
  const date = new Date(Math.round(seconds * 1000));
  return format === 'http-date' ? date.toUTCString() : date.toISOString();
}

/** A scalar as it stands in a form, a header or a query string -> AWS's JSON form. Timestamps become epoch seconds. */
export function readScalar(schema: NormalizedSchema, text: string, usual: TimestampFormat = 'date-time'): unknown {
  if (schema.isBooleanSchema()) return text.toLowerCase() === 'true';
  // What is no number stays text, so that the service can refuse it by its own name.
  if (schema.isNumericSchema()) return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (schema.isTimestampSchema()) {
    const milliseconds = timestampFormat(schema, usual) === 'epoch-seconds' ? Number(text) * 1000 : Date.parse(text);
    return Number.isNaN(milliseconds) ? text : milliseconds / 1000;
  }
  return text;
}
