/**
 * What is S3's own on the wire: where the bucket stands, chunked bodies, checksums of uploads, errors in XML.
 * Source: S3 User Guide "Virtual hosting of buckets"; S3 API Reference "Signature calculations: transferring payload
 * in multiple chunks", "REST error responses".
 *
 * Not modelled: signatures (never checked), form uploads by POST, CRC-32C, CRC-64/NVME and the other newer checksums
 * (kept, not compared).
 */
import { createHash } from 'node:crypto';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fail, type Json, type Reply } from '../services/service';
import { crc32 } from './crc32';
import { isUnknownOperation } from './errors';
import type { Target } from './rest';
import type { HttpRequest, HttpResponse } from './transport';
import { element, escapeXml, xmlHead } from './xml';

/** The bucket in a host name: 'b.s3.us-east-1.amazonaws.com', 'b.s3.localhost', 'b.localhost', 'b.127.0.0.1'. */
export function bucketOfHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const found =
    /^(.+?)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.exec(name) ??
    /^(.+?)\.s3\.(?:localhost|127\.0\.0\.1)$/.exec(name) ??
    /^(?!s3\.)(.+)\.(?:localhost|127\.0\.0\.1)$/.exec(name);
  return found?.[1];
}

/** Takes the bucket out of host or path; what is left is the key's path ('/' without a key). */
export function splitBucket(host: string, target: Target): { bucket?: string; target: Target } {
  const ofHost = bucketOfHost(host);
  if (ofHost !== undefined) return { bucket: ofHost, target };
  const [, first = '', rest = '/'] = /^\/([^/]*)(\/.*)?$/.exec(target.path) ?? [];
  return first === '' ? { target } : { bucket: decodeURIComponent(first), target: { ...target, path: rest } };
}

/** The request with its body as the object's bytes, or S3's error. */
export function plainBody(request: HttpRequest): HttpRequest | Reply {
  const headers = { ...request.headers };
  let { body } = request;
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (headers['x-amz-content-sha256']?.startsWith('STREAMING-') || encodings.includes('aws-chunked')) {
    const decoded = decodeChunks(body);
    const announced = headers['x-amz-decoded-content-length'];
    if (!decoded || (announced !== undefined && Number(announced) !== decoded.body.length)) {
      return fail('IncompleteBody', 'The chunked body does not hold the number of bytes that the headers announce.');
    }
    body = decoded.body;
    Object.assign(headers, decoded.trailers);
    headers['content-length'] = String(body.length);
    const left = encodings.filter((one) => one !== 'aws-chunked').join(',');
    if (left) headers['content-encoding'] = left;
    else delete headers['content-encoding'];
  }
  return checkSums(headers, body) ?? { ...request, headers, body };
}

/** `<hex size>[;signature]\r\n<bytes>\r\n ... 0\r\n<trailers>`. Undefined where that breaks off. */
function decodeChunks(body: Buffer): { body: Buffer; trailers: Record<string, string> } | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(body.toString('latin1', at, end), 16);
    if (Number.isNaN(size) || end + 2 + size > body.length) return undefined;
    at = end + 2;
    if (size === 0) break;
    chunks.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const trailers: Record<string, string> = {};
  for (const line of body.toString('latin1', at).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(chunks), trailers };
}

function checkSums(headers: Record<string, string>, body: Buffer): Reply | undefined {
  const crc = () => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  };
  const hash = (name: string) => () => createHash(name).update(body).digest('base64');
  const sums: Record<string, () => string> = {
    'content-md5': hash('md5'),
    'x-amz-checksum-crc32': crc,
    'x-amz-checksum-sha1': hash('sha1'),
    'x-amz-checksum-sha256': hash('sha256'),
  };
  for (const [header, compute] of Object.entries(sums)) {
    if (headers[header] !== undefined && headers[header] !== compute()) {
      return fail('BadDigest', `The ${header} you specified did not match the calculated checksum.`);
    }
  }
  return undefined;
}

/** A body in XML, by its shape. Throws where it is none. */
export function readXml(schema: NormalizedSchema, body: Buffer): Json {
  // Loaded when first needed: it costs 35 ms.
  const { XmlShapeDeserializer } = require('@aws-sdk/core/protocols') as typeof import('@aws-sdk/core/protocols');
  const settings = {
    timestampFormat: { useTrait: true as const, default: 5 as const },
    httpBindings: false,
    xmlNamespace: '',
    serviceNamespace: '',
  };
  const read = new XmlShapeDeserializer(settings).read(schema, body);
  return toWireForm(read);
}

/** The SDK's reader gives dates and bytes; services know epoch seconds and base64. */
function toWireForm(value: Json): Json {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toWireForm);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toWireForm(item)]));
}

export function writeS3Error(reply: Reply, requestId: string, method: string): HttpResponse {
  const { name, message, members = {}, status: given } = reply.error!;
  const unknown = isUnknownOperation(reply);
  const status = unknown ? 501 : (given ?? 400);
  const content =
    element('Code', unknown ? 'NotImplemented' : escapeXml(name)) +
    element('Message', escapeXml(message)) +
    Object.entries<Json>(members)
      .filter(([, value]) => typeof value !== 'object')
      .map(([member, value]) => element(member, escapeXml(String(value))))
      .join('') +
    element('RequestId', requestId);
  const silent = method === 'HEAD' || status === 304;
  return {
    status,
    headers: silent ? {} : { 'content-type': 'application/xml' },
    body: silent ? Buffer.alloc(0) : Buffer.from(xmlHead + element('Error', content), 'utf8'),
  };
}
