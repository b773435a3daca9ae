/**
 * PutEvents: what an entry must be, how its size counts, and the answer for each.
 *
 * 1. A request that is too long or too large fails as a whole; a bad entry fails alone, in its place of the answer.
 * 2. An entry for a bus that does not exist is accepted and goes nowhere, as on AWS.
 * Source: API reference PutEvents and PutEventsResultEntry; User Guide, "Calculating event entry size"; texts and the
 * unknown bus as recorded from AWS.
 */
import type { Json } from '../service';
import { constraint, validation } from './errors';
import { compactJson, type EventFields } from './event';
import { parseEvent } from './pattern';

export const maxEntries = 10;
/** The total size of a request must stay below this. */
export const maxRequestBytes = 1024 * 1024;
const maxDetailTypeLength = 128;
const maxDepth = 1000;

export interface EntryError {
  ErrorCode: string;
  ErrorMessage: string;
}

/** What a valid entry says; the id is given later. */
export type ParsedEntry = { fields: Omit<EventFields, 'id'>; bus: string | undefined } | { error: EntryError };

/** Refuses the whole request where AWS does. */
export function checkRequest(entries: Json[]): void {
  if (entries.length < 1) throw constraint('entries', '[]', 'Member must have length greater than or equal to 1');
  if (entries.length > maxEntries) {
    const shown = `[${entries.map(shownEntry).join(', ')}]`;
    throw constraint('entries', shown, `Member must have length less than or equal to ${maxEntries}`);
  }
  entries.forEach((entry, index) => {
    if ((entry.DetailType?.length ?? 0) > maxDetailTypeLength) {
      throw constraint(
        `entries.${index + 1}.member.detailType`,
        entry.DetailType,
        `Member must have length less than or equal to ${maxDetailTypeLength}`,
      );
    }
  });
  if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) >= maxRequestBytes)
    throw validation('Total size of the entries in the request is over the limit.');
}

/** 14 bytes for a time, and the UTF-8 bytes of Source, DetailType, Detail and each resource. */
export function entryBytes(entry: Json): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return (entry.Time === undefined ? 0 : 14) + texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
}

export function parseEntry(entry: Json, nowMs: number): ParsedEntry {
  for (const name of ['Source', 'DetailType', 'Detail']) {
    if (!entry[name]) {
      return error('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
    }
  }
  if (entry.Source.startsWith('aws.'))
    return error('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseDetail(entry.Detail);
  if (detail === undefined) return error('MalformedDetail', 'Detail is malformed.');
  return {
    bus: entry.EventBusName,
    fields: {
      source: entry.Source,
      detailType: entry.DetailType,
      timeMs: entry.Time === undefined ? nowMs : entry.Time * 1000,
      resources: entry.Resources ?? [],
      detail,
      detailText: compactJson(entry.Detail),
    },
  };
}

const error = (ErrorCode: string, ErrorMessage: string): ParsedEntry => ({ error: { ErrorCode, ErrorMessage } });

/** Undefined when it is no JSON object. */
function parseDetail(text: string): Json {
  if (tooDeep(text)) return undefined;
  try {
    const detail = parseEvent(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function tooDeep(text: string): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

const shownEntry = (entry: Json): string =>
  `PutEventsRequestEntry(time=${entry.Time ?? null}, source=${entry.Source ?? null}, ` +
  `resources=${entry.Resources ? `[${entry.Resources.join(', ')}]` : null}, detailType=${entry.DetailType ?? null}, ` +
  `detail=${entry.Detail ?? null}, eventBusName=${entry.EventBusName ?? null}, traceHeader=${entry.TraceHeader ?? null}, ` +
  'kmsKeyIdentifier=null, internalMetadata=null)';
