/**
 * One event as a bus holds it: parsed for rules and paths, and as the exact text that targets get.
 * The detail keeps the digits and the order in which it was published; only white space between tokens goes.
 * Source: EventBridge User Guide, "Event structure"; field order as recorded from AWS.
 */
import type { Json } from '../service';
import type { Where } from './arns';

export interface BusEvent {
  /** With 'detail' parsed (long numbers as NumberText). */
  json: Json;
  text: string;
  /** When the bus took it. */
  ingestedMs: number;
}

export interface EventFields {
  id: string;
  source: string;
  detailType: string;
  timeMs: number;
  resources: string[];
  detail: Json;
  /** JSON text without white space between tokens. */
  detailText: string;
  replayName?: string;
}

export function busEvent(where: Where, fields: EventFields, ingestedMs: number): BusEvent {
  const envelope = {
    version: '0',
    id: fields.id,
    'detail-type': fields.detailType,
    source: fields.source,
    account: where.account,
    time: isoSeconds(fields.timeMs),
    region: where.region,
    ...(fields.replayName === undefined ? {} : { 'replay-name': fields.replayName }),
    resources: fields.resources,
  };
  return {
    json: { ...envelope, detail: fields.detail },
    text: `${JSON.stringify(envelope).slice(0, -1)},"detail":${fields.detailText}}`,
    ingestedMs,
  };
}

/** The same event under another id, as after a forward or a replay. */
export function renewed(event: BusEvent, id: string, ingestedMs: number, replayName?: string): BusEvent {
  const { detail, ...rest } = event.json;
  const { resources, ...envelope } = { ...rest, id };
  const renamed = { ...envelope, ...(replayName === undefined ? {} : { 'replay-name': replayName }), resources };
  const detailText = event.text.slice(JSON.stringify(rest).length - 1 + ',"detail":'.length, -1);
  return {
    json: { ...renamed, detail },
    text: `${JSON.stringify(renamed).slice(0, -1)},"detail":${detailText}}`,
    ingestedMs,
  };
}

/** 2026-01-31T12:00:00Z */
export const isoSeconds = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');

/** Drops white space between the tokens of valid JSON. */
export const compactJson = (json: string): string => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
