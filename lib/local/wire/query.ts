/**
 * The Query protocol: a form with Action in, XML out. CloudFormation, STS and SNS speak it, and older clients do so to
 * SQS and CloudWatch.
 * Source: Smithy specification "AWS query protocol".
 *
 * Services whose client is installed are read and written by its shapes; others by the form's and the reply's own
 * structure (lists as `member`, maps as `entry`), where every scalar of the input stays text.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Json, Reply, ServiceName } from '../services/service';
import { faultOf, isUnknownOperation } from './errors';
import { api, isShaped, readScalar } from './schemas';
import type { HttpResponse } from './transport';
import { element, escapeXml, writeMembers, writeShapeless, xmlHead } from './xml';

const namespaces: Partial<Record<ServiceName, string>> = {
  sqs: 'http://queue.amazonaws.com/doc/2012-11-05/',
  cloudformation: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  cloudwatch: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
};

/** Where a request says neither credential nor host: each of these APIs has one version. */
export const serviceOfVersion: Record<string, ServiceName> = {
  '2012-11-05': 'sqs',
  '2010-05-15': 'cloudformation',
  '2011-06-15': 'sts',
  '2010-03-31': 'sns',
  '2010-08-01': 'cloudwatch',
};

interface Tree {
  [name: string]: Tree | string;
}

/** False for an operation that the API does not have. */
export const queryHas = (service: ServiceName, action: string): boolean =>
  Boolean(namespaces[service]) && (!isShaped(service) || api(service).operations.has(action));

/** Throws SyntaxError with a sentence. */
export function readQuery(service: ServiceName, action: string, form: URLSearchParams): Json {
  const tree = grow(form);
  const shape = isShaped(service) ? api(service).operations.get(action)?.input : undefined;
  return shape ? (readShaped(shape, tree) ?? {}) : readShapeless(tree);
}

export function writeQuery(service: ServiceName, action: string, reply: Reply, requestId: string): HttpResponse {
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  const namespace = ` xmlns="${namespaces[service] ?? 'http://amazonaws.com/doc/'}"`;
  if (reply.error) {
    const status = reply.error.status ?? 400;
    const code = isUnknownOperation(reply) ? 'InvalidAction' : (reply.error.queryCode ?? reply.error.name);
    const error =
      element('Type', faultOf(status)) +
      element('Code', escapeXml(code)) +
      element('Message', escapeXml(reply.error.message));
    const content = element('Error', error) + element('RequestId', requestId);
    return { status, headers, body: Buffer.from(xmlHead + element('ErrorResponse', content, namespace), 'utf8') };
  }
  const shape = isShaped(service) ? api(service).operations.get(action)?.output : undefined;
  const members = shape ? writeMembers(shape, reply.output) : writeShapeless(reply.output);
  const result = shape && !shape.isStructSchema() ? '' : element(`${action}Result`, members);
  const content = result + element('ResponseMetadata', element('RequestId', requestId));
  return {
    status: 200,
    headers,
    body: Buffer.from(xmlHead + element(`${action}Response`, content, namespace), 'utf8'),
  };
}

/** 'Attribute.1.Name=x' -> { Attribute: { 1: { Name: 'x' } } }. */
function grow(form: URLSearchParams): Tree {
  const root: Tree = Object.create(null);
  for (const [path, value] of form) {
    const names = path.split('.');
    if (names.length > 50) throw new SyntaxError(`a parameter's name has ${names.length} levels; 50 are allowed`);
    let at = root;
    for (const name of names.slice(0, -1)) {
      const next = at[name];
      if (typeof next === 'object') at = next;
      else {
        const made: Tree = Object.create(null);
        at[name] = made;
        at = made;
      }
    }
    at[names.at(-1)!] = value;
  }
  return root;
}

function readShaped(schema: NormalizedSchema, node: Tree | string | undefined): Json {
  if (node === undefined) return undefined;
  const { xmlFlattened } = schema.getMergedTraits();
  if (schema.isStructSchema()) {
    if (typeof node === 'string') return {};
    const result: Json = {};
    for (const [name, member] of schema.structIterator()) {
      const value = readShaped(member, node[String(member.getMergedTraits().xmlName ?? name)]);
      if (value !== undefined) result[name] = value;
    }
    return result;
  }
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    // `Names=` alone is how an empty list is written.
    if (typeof node === 'string') return node === '' ? [] : [readShaped(item, node)];
    const below = xmlFlattened ? node : (node[String(item.getMergedTraits().xmlName ?? 'member')] ?? node);
    return numbered(below).map((one) => readShaped(item, one));
  }
  if (schema.isMapSchema()) {
    const [key, item] = [schema.getKeySchema(), schema.getValueSchema()];
    const keyName = String(key.getMergedTraits().xmlName ?? 'key');
    const itemName = String(item.getMergedTraits().xmlName ?? 'value');
    const result: Json = {};
    for (const entry of typeof node === 'string' ? [] : numbered(xmlFlattened ? node : (node.entry ?? {}))) {
      if (typeof entry === 'object') define(result, String(entry[keyName] ?? ''), readShaped(item, entry[itemName]));
    }
    return result;
  }
  return typeof node === 'string' ? readScalar(schema, node) : undefined;
}

function readShapeless(node: Tree | string): Json {
  if (typeof node === 'string') return node;
  if (typeof node.member === 'object') return numbered(node.member).map(readShapeless);
  const entries = typeof node.entry === 'object' ? numbered(node.entry) : undefined;
  const result: Json = {};
  if (entries) {
    for (const entry of entries) {
      if (typeof entry === 'object')
        define(result, String(entry.key ?? entry.Name ?? ''), readShapeless(entry.value ?? entry.Value ?? ''));
    }
  } else {
    for (const [name, child] of Object.entries(node)) {
      if (name !== 'Action' && name !== 'Version') define(result, name, readShapeless(child));
    }
  }
  return result;
}

/** The children 1, 2, 3, ... in the order of their numbers, which is how JavaScript lists such keys. */
function numbered(node: Tree | string): (Tree | string)[] {
  if (typeof node === 'string') return [];
  return Object.entries(node)
    .filter(([name]) => /^\d+$/.test(name))
    .map(([, child]) => child);
}

/** Also where the name is __proto__. */
function define(target: Json, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
