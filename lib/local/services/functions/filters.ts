/**
 * Filters of event source mappings: which records reach the function at all.
 *
 * 1. A record passes when one of the filters matches; without filters every record passes.
 * 2. A queue's body is looked into where it is JSON. A filter on JSON does not match text, a filter on text no JSON, and
 *    a filter without `body` looks at the message's other members only.
 * Not modelled: operators that EventBridge has and Lambda has not (wildcard, cidr) are matched, not refused.
 * Source: docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html, with-sqs-filtering.html (the table of
 * formats), with-ddb-filtering.html
 */
import {
  type CompiledPattern,
  compilePattern,
  InvalidEventPatternError,
  leavesOf,
  matches,
  parseEvent,
} from '../event-bus/pattern';
import type { Json } from '../service';
import { invalid } from './configuration';

/** Ten after a request to AWS; five without one. */
const mostFilters = 10;
const mostPatternLength = 4096;

export interface Filter {
  text: string;
  pattern: CompiledPattern;
  /** What it says of a queue's body. */
  body: 'json' | 'text' | 'none';
}

/** Reads FilterCriteria. */
export function filtersFrom(criteria: Json): Filter[] {
  const given: Json[] = criteria?.Filters ?? [];
  if (given.length > mostFilters) {
    throw invalid(`FilterCriteria has ${given.length} filters; allowed: ${mostFilters}.`);
  }
  return given.map(({ Pattern: text }) => {
    if (typeof text !== 'string' || text.length > mostPatternLength)
      throw invalid('Invalid filter pattern definition.');
    try {
      const { body } = JSON.parse(text);
      return {
        text,
        pattern: compilePattern(text),
        body: body === undefined ? 'none' : Array.isArray(body) ? 'text' : 'json',
      };
    } catch (error) {
      if (!(error instanceof InvalidEventPatternError || error instanceof SyntaxError)) throw error;
      throw invalid('Invalid filter pattern definition.');
    }
  });
}

export const criteriaOf = (filters: Filter[]): Json => ({ Filters: filters.map(({ text }) => ({ Pattern: text })) });

export function passes(filters: Filter[], record: Json): boolean {
  if (filters.length === 0) return true;
  const leaves = leavesOf(record);
  return filters.some(({ pattern }) => matches(pattern, leaves));
}

/** A record of a queue, its body a string. */
export function messagePasses(filters: Filter[], record: Json): boolean {
  if (filters.length === 0) return true;
  let body: Json;
  try {
    body = parseEvent(record.body);
  } catch {
    // It is text.
  }
  const isJson = typeof body === 'object' && body !== null;
  const fitting = filters.filter((filter) => filter.body === 'none' || filter.body === (isJson ? 'json' : 'text'));
  return fitting.length > 0 && passes(fitting, isJson ? { ...record, body } : record);
}
