/**
 * Says where an input has not the types of its operation. Asked only when a service failed on the input: services read
 * what they need and refuse by their own rules, and the schemas cost 0.1 s to load; AWS looks before its service does.
 * Source: Smithy specification "AWS JSON 1.0 protocol" (SerializationException).
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import { fail, type Json, type Reply, type ServiceName } from '../services/service';
import { malformedBody } from './errors';
import { api, isShaped, requiredMembers } from './schemas';

/** The refusal, or undefined where all fits or no schema is known. */
export function misfit(service: ServiceName, operation: string, input: Json): Reply | undefined {
  if (!isShaped(service)) return undefined;
  const schema = api(service).operations.get(operation)?.input;
  if (!schema) return undefined;
  const why = misfitOf(schema, input, '');
  if (why !== undefined) return malformedBody(why);
  const [missing] = requiredMembers(schema).filter((name) => input[name] === undefined);
  if (missing === undefined) return undefined;
  const member = missing.charAt(0).toLowerCase() + missing.slice(1);
  return fail(
    'ValidationException',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

/** 'Entries[0].Detail is a number where a string is needed'. */
function misfitOf(schema: NormalizedSchema, value: Json, path: string): string | undefined {
  if (value === undefined || value === null || schema.isDocumentSchema()) return undefined;
  const wanted = wantedBy(schema);
  const is = Array.isArray(value) ? 'list' : typeof value;
  if (wanted !== undefined && !wanted.includes(is)) {
    return `${path || 'the body'} is a ${is === 'object' ? 'map' : is} where a ${wanted[0] === 'object' ? 'map' : wanted[0]} is needed`;
  }
  for (const [inner, member, name] of parts(schema, value)) {
    if (member === null && schema.isListSchema()) return `${path}${name} is null`.replace(/^\./, '');
    const found = misfitOf(inner, member, `${path}${name}`);
    if (found) return found.replace(/^\./, '');
  }
  return undefined;
}

/** JavaScript's types that will do; the first gives the name. */
function wantedBy(schema: NormalizedSchema): string[] | undefined {
  if (schema.isListSchema()) return ['list'];
  if (schema.isMapSchema() || schema.isStructSchema()) return ['object'];
  if (schema.isStringSchema() || schema.isBlobSchema()) return ['string'];
  // As JSON has them: epoch seconds.
  if (schema.isNumericSchema() || schema.isTimestampSchema()) return ['number'];
  if (schema.isBooleanSchema()) return ['boolean'];
  return undefined;
}

function* parts(schema: NormalizedSchema, value: Json): Generator<[NormalizedSchema, Json, string]> {
  if (schema.isListSchema()) {
    for (let at = 0; at < value.length; at++) yield [schema.getValueSchema(), value[at], `[${at}]`];
  } else if (schema.isMapSchema()) {
    for (const name of Object.keys(value)) yield [schema.getValueSchema(), value[name], `.${name}`];
  } else if (schema.isStructSchema()) {
    for (const [name, member] of schema.structIterator()) {
      if (Object.hasOwn(value, name)) yield [member, value[name], `.${name}`];
    }
  }
}
