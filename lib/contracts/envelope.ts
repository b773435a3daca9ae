/**
 * Wire form <-> event. EventBridge entry: Source, DetailType, Detail = { meta, data } as JSON.
 * Pure: the time and the id of a new event are arguments.
 */
import { createHash } from 'node:crypto';
import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { delivery } from './delivery';
import type { Emission, EventType, Meta, Reply } from './kit';

// Functions start often and check few events each: compiling a check (by eval) costs more than it saves.
z.config({ ...en(), jitless: true });

const isoTime = z.iso.datetime({ offset: true });
const name = z.string().check(z.minLength(1), z.maxLength(128));

/** A `Reply` as rows keep it and envelopes carry it. Task tokens: at most 2,048 characters (API_SendTaskSuccess). */
export const replySchema = z.object({
  saga: name,
  execution: name,
  step: name,
  token: z.string().check(z.minLength(1), z.maxLength(2048)),
  askedAt: isoTime,
});

/** `v` is the envelope's version. What an outside publisher may leave out is filled in by `readEvent`. */
const metaSchema = z.object({
  v: z.optional(z.int()),
  id: name,
  cause: z.optional(name),
  correlation: z.optional(name),
  key: z.optional(name),
  time: isoTime,
  hop: z.optional(z.int().check(z.gte(0))),
  traceparent: z.optional(z.string().check(z.maxLength(200))),
  expires: z.optional(isoTime),
  reply: z.optional(replySchema),
  inReplyTo: z.optional(replySchema),
});

/** What EventBridge delivers to a queue, as far as we read it. */
export interface WireEvent {
  source: string;
  'detail-type': string;
  detail: unknown;
}

export interface ReadEvent {
  type: string;
  eventType: EventType;
  data: any;
  meta: Meta;
}

export type ReadResult =
  | { event: ReadEvent; refusal?: undefined }
  | { refusal: string; event?: undefined; meta?: Partial<Meta> };

const maxProblems = 5;

/** 'Invalid input: expected string, received undefined' -> 'expected string, but it is missing'. */
const inOurWords = (message: string): string =>
  message.replace(/^Invalid input: /, '').replace(/, received undefined$/, ', but it is missing');

/** Says what is wrong with `value` in one line: 'data.priceCents: expected int, received string'. */
export function schemaProblem(schema: z.ZodMiniType<any>, value: unknown, at: string): string | undefined {
  const result = schema.safeParse(value);
  if (result.success) return undefined;
  const { issues } = result.error;
  const more = issues.length - maxProblems;
  return [
    ...issues.slice(0, maxProblems).map((issue) => `${[at, ...issue.path].join('.')}: ${inOurWords(issue.message)}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('; ');
}

/** Reads and validates one delivered event against the event types that its reader knows. Never throws. */
export function readEvent(known: readonly EventType[], wire: unknown, nowMs: number): ReadResult {
  if (typeof wire !== 'object' || wire === null)
    return { refusal: `the message is ${describe(wire)}, not an EventBridge event` };
  const { source, 'detail-type': type, detail } = wire as Partial<WireEvent>;
  if (typeof source !== 'string' || typeof type !== 'string')
    return { refusal: 'the message is not an EventBridge event: it has no source and detail-type' };
  const eventType = known.find((candidate) => candidate.name === type && candidate.source === source);
  if (!eventType) {
    const allowed = known.map((candidate) => `${candidate.source}/${candidate.name}`).join(', ');
    return { refusal: `event type ${source}/${type} is not known here; allowed: ${allowed}` };
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return { refusal: `detail is ${describe(detail)}; it must be an object { meta, data }` };
  }
  const { meta, data } = detail as { meta?: any; data?: any };
  const metaProblem = schemaProblem(metaSchema, meta, 'meta');
  if (metaProblem) return { refusal: metaProblem, meta: salvage(meta) };
  if ((meta.v ?? 1) !== 1) {
    return {
      refusal: `meta.v is ${meta.v}; this version reads envelope version 1. Deploy the newer consumer, then redrive`,
      meta,
    };
  }
  const dataProblem = schemaProblem(eventType.schema, data, 'data');
  if (dataProblem) return { refusal: dataProblem, meta };
  // The data says what the event is about; what an outside publisher wrote into meta.key does not.
  const key = String(data[eventType.keyField]);
  const full: Meta = { ...meta, key, correlation: meta.correlation ?? key, hop: meta.hop ?? 0 };
  if (full.hop > delivery.maxHops) {
    return {
      refusal: `meta.hop is ${full.hop}; at most ${delivery.maxHops} events may follow from one another (a loop?)`,
      meta: full,
    };
  }
  if (full.expires && Date.parse(full.expires) < nowMs) {
    return { refusal: `meta.expires is ${full.expires}, which has passed`, meta: full };
  }
  return { event: { type: eventType.name, eventType, data, meta: full } };
}

/** One entry for PutEvents, without the bus. */
export interface WireEntry {
  Source: string;
  DetailType: string;
  Detail: string;
}

export function toEntry(eventType: EventType, meta: Meta, data: unknown): WireEntry {
  return { Source: eventType.source, DetailType: eventType.name, Detail: JSON.stringify({ meta, data }) };
}

/**
 * The id of the `ordinal`-th event that `consumerId` emits because of `causeId`: the same on every attempt. An answer has
 * one for each token (S1): what was recorded once is told to whoever waits now.
 */
export function derivedId(consumerId: string, causeId: string, ordinal: number, token?: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([consumerId, causeId, ordinal, ...(token === undefined ? [] : [token])]))
    .digest('hex');
  // The shape of a version 8 UUID (RFC 9562): the bits are ours.
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The meta of an event that follows from `cause`. `timeMs` is part of the record, so that a re-sent event is the same. */
export function followingMeta(
  consumerId: string,
  cause: Meta,
  ordinal: number,
  emission: Emission,
  keyField: string,
  timeMs: number,
  inReplyTo?: Reply,
): Meta {
  return {
    id: derivedId(consumerId, cause.id, ordinal, inReplyTo?.token),
    cause: cause.id,
    correlation: cause.correlation,
    key: String(emission.data[keyField]),
    time: new Date(timeMs).toISOString(),
    hop: cause.hop + 1,
    ...(cause.traceparent ? { traceparent: cause.traceparent } : {}),
    ...(inReplyTo ? { inReplyTo } : {}),
  };
}

/** What identifies an event's content: a second event with the same id and another hash is refused (T6). */
export function contentHash(type: string, data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([type, canonical(data)]))
    .digest('hex');
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

function salvage(meta: unknown): Partial<Meta> {
  if (typeof meta !== 'object' || meta === null) return {};
  const strings = Object.entries(meta).filter(([, value]) => typeof value === 'string' && value.length <= 128);
  return Object.fromEntries(strings);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
