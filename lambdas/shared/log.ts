/**
 * One JSON line for each thing that happened, with consumer, eventId, correlation, cause and key; and counts in
 * CloudWatch's embedded metric format. Both by AWS Powertools.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Meta } from '../../lib/contracts/kit';
import { metrics as names } from '../../lib/contracts/metrics';
import { messageOf, nameOf } from './errors';

/** Names of fields whose values are never logged, wherever they are. */
const secret = /token$|^authori[sz]ation$|password|secret|api_?key/i;

const redact = (key: string, value: unknown): unknown =>
  secret.test(key) && value !== undefined ? '<redacted>' : value;

export type Fields = Record<string, unknown>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** The same log, with what identifies an event in every line. */
  for(meta: Partial<Meta>, more?: Fields): Log;
}

export function createLog(consumerId: string): Log {
  const logger = new Logger({
    serviceName: consumerId,
    persistentKeys: { consumer: consumerId },
    jsonReplacerFn: redact,
  });
  const withFields = (always: Fields): Log => ({
    info: (message, fields) => logger.info(message, { ...always, ...fields }),
    warn: (message, fields) => logger.warn(message, { ...always, ...fields }),
    error: (message, fields) => logger.error(message, { ...always, ...fields }),
    for: (meta, more) =>
      withFields({
        ...always,
        eventId: meta.id,
        correlation: meta.correlation,
        cause: meta.cause,
        key: meta.key,
        ...more,
      }),
  });
  return withFields({});
}

export type Count = Exclude<keyof typeof names, 'namespace' | 'dimension'>;

export interface Counter {
  count(what: Count, by?: number): void;
  /** Writes what was counted since the last time; the end of an invocation. */
  flush(): void;
}

export function createCounter(consumerId: string): Counter {
  const metrics = new Metrics({ namespace: names.namespace, serviceName: consumerId });
  let counted = new Map<Count, number>();
  return {
    count: (what, by = 1) => {
      counted.set(what, (counted.get(what) ?? 0) + by);
    },
    flush: () => {
      if (counted.size === 0) return;
      for (const [what, sum] of counted) metrics.addMetric(names[what], 'Count', sum);
      counted = new Map();
      metrics.publishStoredMetrics();
    },
  };
}

/** An error as a log line shows it; an error of another realm is no instance of Error, and would show as {}. */
export function described(error: unknown): Fields {
  const { stack, cause } = (error ?? {}) as { stack?: string; cause?: unknown };
  return {
    errorName: nameOf(error),
    error: messageOf(error),
    ...(stack ? { stack } : {}),
    ...(cause === undefined ? {} : { becauseOf: `${nameOf(cause)}: ${messageOf(cause)}` }),
  };
}
