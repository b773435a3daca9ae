/**
 * What a target gets of an event: the whole, a constant, a part, or a template filled with parts.
 *
 * 1. A template that begins with a quote is text: values stand in it without any quotes, missing ones as nothing.
 * 2. Any other template is JSON: outside of its strings a value stands as JSON (missing: ""), inside as it is, not
 *    escaped; an object or a list inside of a string therefore spoils it.
 * 3. What is no JSON after filling (a text: no sequence of JSON strings) is not delivered: InvalidInputError.
 * Source: User Guide, "Amazon EventBridge input transformation" and its "Common issues"; answers recorded from AWS.
 */
import type { Json } from '../service';
import { type BusEvent, isoSeconds } from './event';
import { valueAt } from './json-path';

/** What a target needs cannot be made of this event; it never will. `code` is EventBridge's. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  constructor(
    readonly code: 'INVALID_JSON' | 'INVALID_PARAMETER',
    message: string,
  ) {
    super(message);
  }
}

export interface RuleName {
  name: string;
  arn: string;
}

const placeholder = /<([A-Za-z0-9_.-]+)>/g;

/** Throws InvalidInputError. */
export function inputFor(target: Json, rule: RuleName, event: BusEvent): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputTransformer) return filled(target.InputTransformer, rule, event);
  if (target.InputPath === undefined || target.InputPath === '$') return event.text;
  const part = valueAt(event.json, target.InputPath);
  // Source: not recorded; a path that finds nothing gives no input, as an empty constant would.
  return part === undefined ? 'null' : JSON.stringify(part);
}

/** The placeholders of a template that neither the map nor EventBridge itself defines. */
export function undefinedPlaceholders(transformer: Json): string[] {
  const known = new Set([...Object.keys(transformer.InputPathsMap ?? {}), ...predefinedNames]);
  return [...transformer.InputTemplate.matchAll(placeholder)]
    .map(([, name]) => name!)
    .filter((name) => !known.has(name));
}

const predefinedNames = [
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
];

function predefined(name: string, rule: RuleName, event: BusEvent): Json {
  const { detail: _detail, 'detail-type': detailType, ...rest } = event.json;
  switch (name) {
    case 'aws.events.rule-arn':
      return rule.arn;
    case 'aws.events.rule-name':
      return rule.name;
    case 'aws.events.event.ingestion-time':
      return isoSeconds(event.ingestedMs);
    case 'aws.events.event':
      return {
        id: rest.id,
        account: rest.account,
        detailType,
        time: rest.time,
        source: rest.source,
        region: rest.region,
        resources: rest.resources,
        version: rest.version,
      };
    default:
      return event.json;
  }
}

function filled({ InputTemplate, InputPathsMap = {} }: Json, rule: RuleName, event: BusEvent): string {
  const template: string = InputTemplate;
  const isText = template.trimStart().startsWith('"');
  const lookUp = (name: string): Json =>
    predefinedNames.includes(name) ? predefined(name, rule, event) : valueAt(event.json, InputPathsMap[name]);
  let inString = false;
  let text = '';
  for (let at = 0; at < template.length; at++) {
    const char = template[at]!;
    placeholder.lastIndex = at;
    const match = char === '<' ? placeholder.exec(template) : null;
    if (match?.index === at) {
      text += shown(lookUp(match[1]!), inString, isText);
      at += match[0].length - 1;
      continue;
    }
    text += char;
    if (char === '\\' && inString) text += template[++at] ?? '';
    else if (char === '"') inString = !inString;
  }
  placeholder.lastIndex = 0;
  check(text, isText);
  return text;
}

function shown(value: Json, inString: boolean, isText: boolean): string {
  if (!inString) return value === undefined ? '""' : JSON.stringify(value);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  const json = JSON.stringify(value);
  return isText ? json.replaceAll('"', '') : json;
}

/** One or more JSON strings, as a text of several lines is written. */
const strings = /^\s*(?:"(?:[^"\\]|\\.)*"\s*)+$/s;

function check(text: string, isText: boolean): void {
  if (isText && strings.test(text)) return;
  try {
    JSON.parse(text);
  } catch {
    throw new InvalidInputError('INVALID_JSON', `the input transformer gave no valid JSON: ${text.slice(0, 200)}`);
  }
}
