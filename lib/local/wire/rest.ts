/**
 * REST: method and path say the operation; members travel in path, query string, headers and body, as each API's shapes
 * bind them. Lambda and Scheduler carry JSON, S3 carries XML.
 * Source: Smithy specifications "HTTP protocol bindings", "AWS restJson1 protocol", "AWS restXml protocol".
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Json } from '../services/service';
import { type Api, type HttpBinding, type Operation, readScalar, timestampFormat, writeTimestamp } from './schemas';
import type { HttpRequest, HttpResponse } from './transport';
import { element, writeMembers, xmlHead } from './xml';

export interface RestMatch {
  operation: Operation;
  labels: Record<string, string>;
}

export interface Target {
  /** Without the query string, still percent-encoded. */
  path: string;
  query: URLSearchParams;
}

/**
 * The operation that fits best: its method and path match, its constant query parameters and its required members in
 * query and headers are there. The more of these it asks for, the better it fits (UploadPart before PutObject).
 */
export function matchOperation(
  api: Api,
  request: HttpRequest,
  target: Target,
  allowed: (operation: Operation) => boolean = () => true,
): RestMatch | undefined {
  let best: (RestMatch & { score: number }) | undefined;
  for (const operation of api.operations.values()) {
    const { http } = operation;
    if (http?.method !== request.method || !allowed(operation)) continue;
    if (
      !http.constants.every(
        ([name, value]) => target.query.has(name) && (value === '' || target.query.get(name) === value),
      )
    )
      continue;
    if (!http.requiredQuery.every((name) => target.query.has(name))) continue;
    if (!http.requiredHeaders.every((name) => name in request.headers)) continue;
    const labels = matchPath(http, target.path);
    if (!labels) continue;
    const asked = http.constants.length + http.requiredQuery.length + http.requiredHeaders.length;
    const hinted = http.hint !== undefined && target.query.get('x-id') === http.hint;
    const score = 10 * asked + (hinted ? 2 : 0) + (Object.keys(labels).length === 0 ? 1 : 0);
    if (!best || score > best.score) best = { operation, labels, score };
  }
  return best;
}

/** Labels are decoded; undefined: no match. A trailing slash means nothing, except in a greedy label. */
function matchPath({ parts, greedyLabel }: HttpBinding, path: string): Record<string, string> | undefined {
  if (greedyLabel) {
    const prefix = `/${parts.map((part) => `${part}/`).join('')}`;
    if (!path.startsWith(prefix) || path.length === prefix.length) return undefined;
    return { [greedyLabel]: decodeURIComponent(path.slice(prefix.length)) };
  }
  const given = path.split('/').filter(Boolean);
  if (parts.length !== given.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    if (part.startsWith('{')) labels[part.slice(1, -1)] = decodeURIComponent(given[index]!);
    else if (part !== given[index]) return undefined;
  }
  return labels;
}

/** `parse` reads a body that holds members (the payload member's, or all that are bound nowhere else). */
export function readRest(
  { operation, labels }: RestMatch,
  request: HttpRequest,
  target: Target,
  parse: (schema: NormalizedSchema, body: Buffer) => Json,
): Json {
  const input: Json = {};
  let payload: [string, NormalizedSchema] | undefined;
  let inBody = false;
  if (!operation.input.isStructSchema()) return input;
  for (const [name, member] of operation.input.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel) {
      if (labels[name] !== undefined) input[name] = readScalar(member, labels[name]);
    } else if (traits.httpQuery) {
      const values = target.query.getAll(String(traits.httpQuery));
      if (values.length > 0)
        input[name] = member.isListSchema()
          ? values.map((one) => readScalar(member.getValueSchema(), one))
          : readScalar(member, values[0]!);
    } else if (traits.httpHeader) {
      const value = request.headers[String(traits.httpHeader).toLowerCase()];
      if (value === undefined) continue;
      input[name] = member.isListSchema()
        ? value.split(',').map((one) => readScalar(member.getValueSchema(), one.trim(), 'http-date'))
        : readScalar(member, value, 'http-date');
    } else if (traits.httpPrefixHeaders) {
      const prefix = String(traits.httpPrefixHeaders).toLowerCase();
      const found = Object.entries(request.headers).filter(([header]) => header.startsWith(prefix));
      if (found.length > 0)
        input[name] = Object.fromEntries(found.map(([header, value]) => [header.slice(prefix.length), value]));
    } else if (traits.httpPayload) payload = [name, member];
    else inBody = true;
  }
  if (payload && request.body.length > 0) {
    const [name, member] = payload;
    if (member.isBlobSchema()) input[name] = request.body.toString('base64');
    else input[name] = member.isStringSchema() ? request.body.toString('utf8') : parse(member, request.body);
  } else if (inBody && request.body.length > 0) Object.assign(input, parse(operation.input, request.body));
  return input;
}

const isInBody = (member: NormalizedSchema): boolean => {
  const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode } = member.getMergedTraits();
  return !httpHeader && !httpPrefixHeaders && !httpPayload && !httpResponseCode;
};

/** The answer to an operation that succeeded; `format` says how members in the body are written. */
export function writeRest({ output, http }: Operation, value: Json, format: 'json' | 'xml'): HttpResponse {
  const response: HttpResponse = { status: http?.status ?? 200, headers: {}, body: Buffer.alloc(0) };
  if (!output.isStructSchema()) return response;
  let members = 0;
  let payload: [NormalizedSchema, Json] | undefined;
  for (const [name, member] of output.structIterator()) {
    const traits = member.getMergedTraits();
    const item = value?.[name];
    if (isInBody(member)) members++;
    if (traits.httpPayload) payload = [member, item];
    if (item === undefined || item === null) continue;
    if (traits.httpResponseCode) response.status = Number(item);
    else if (traits.httpHeader) response.headers[String(traits.httpHeader).toLowerCase()] = headerValue(member, item);
    else if (traits.httpPrefixHeaders) {
      for (const [key, one] of Object.entries(item))
        response.headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = String(one);
    }
  }
  if (payload) {
    const [member, item] = payload;
    if (item === undefined || item === null) return response;
    if (member.isBlobSchema()) response.body = Buffer.from(item, 'base64');
    else if (member.isStringSchema()) response.body = Buffer.from(item, 'utf8');
    else if (format === 'json') setJson(response, item);
    else setXml(response, member, item, String(member.getMergedTraits().xmlName ?? member.getName()));
  } else if (members > 0 && format === 'json') {
    const bound = [...output.structIterator()].filter(([, member]) => !isInBody(member)).map(([name]) => name);
    setJson(response, Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !bound.includes(name))));
  } else if (members > 0) setXml(response, output, value, String(output.getMergedTraits().xmlName ?? output.getName()));
  return response;
}

function headerValue(member: NormalizedSchema, value: Json): string {
  if (member.isTimestampSchema() && typeof value === 'number')
    return writeTimestamp(value, timestampFormat(member, 'http-date'));
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function setJson(response: HttpResponse, value: Json): void {
  response.headers['content-type'] = 'application/json';
  response.body = Buffer.from(JSON.stringify(value), 'utf8');
}

function setXml(response: HttpResponse, schema: NormalizedSchema, value: Json, root: string): void {
  response.headers['content-type'] = 'application/xml';
  const content = writeMembers(schema, value, isInBody);
  response.body = Buffer.from(
    xmlHead + element(root, content, ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'),
    'utf8',
  );
}
