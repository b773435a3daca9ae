/** Which AWS operation an HTTP request is, for faults and traces. Only names: the wire answers it. */
import type { Json } from '../services/service';
import type { HttpRequest } from '../wire/transport';
import { lazily } from './lazily';

/**
 * A class, not an object with a getter of its own: V8 keeps what such a getter leads to, request and caller, until the next
 * major collection.
 */
export class SdkCall {
  constructor(
    readonly service: string,
    readonly operation: string,
    private readonly read: () => Json,
  ) {}

  /** The JSON body, read when it is asked for; for S3 and GETs what the path says. */
  get input(): Json {
    return this.read();
  }
}

const servicesByHost: Record<string, string> = { monitoring: 'cloudwatch', email: 'ses' };

/** Functions ask few hosts, and each of them often. */
const known = new Map<string, string | undefined>();
const mostKnown = 1000;

/** e.g. 'bucket.s3.us-east-1.amazonaws.com' -> 's3'. */
export function serviceOfHost(host: string): string | undefined {
  if (known.has(host)) return known.get(host);
  const service = readHost(host);
  if (known.size < mostKnown) known.set(host, service);
  return service;
}

function readHost(host: string): string | undefined {
  const labels = host.replace(/:\d+$/, '').split('.');
  const end = labels.findIndex((label, i) => label === 'amazonaws' && labels[i + 1] === 'com');
  if (end < 1) return undefined;
  const s3 = labels.slice(0, end).find((label) => label === 's3' || label.startsWith('s3-'));
  if (s3) return 's3';
  const name = labels[0]!;
  return servicesByHost[name] ?? name;
}

export function describeCall(request: HttpRequest): SdkCall {
  const service = serviceOfHost(request.headers.host ?? '') ?? 'unknown';
  const target = request.headers['x-amz-target'];
  if (target) return calling(service, target.slice(target.lastIndexOf('.') + 1), () => parsed(request.body));
  const [path = '/', query = ''] = request.path.split('?');
  if (service === 's3') return calling(service, s3Operation(request, path, query), () => ({ path }));
  if (service === 'lambda' || service === 'scheduler') {
    return calling(service, restOperation(request.method, path), () => parsed(request.body) ?? { path });
  }
  const action = new URLSearchParams(request.body.toString()).get('Action');
  return calling(service, action ?? `${request.method} ${path}`, () => ({ path }));
}

/** Few faults look at the input, and reading it costs as much as all else here. */
const calling = (service: string, operation: string, read: () => Json): SdkCall =>
  new SdkCall(service, operation, lazily(read));

function parsed(body: Buffer): Json {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function s3Operation({ method, headers }: HttpRequest, path: string, query: string): string {
  const hasKey = path.length > 1 && (serviceOfBucketHost(headers.host ?? '') || path.split('/').length > 2);
  if (method === 'PUT') return headers['x-amz-copy-source'] ? 'CopyObject' : hasKey ? 'PutObject' : 'CreateBucket';
  if (method === 'GET') return hasKey ? 'GetObject' : query.includes('list-type=2') ? 'ListObjectsV2' : 'ListObjects';
  if (method === 'HEAD') return hasKey ? 'HeadObject' : 'HeadBucket';
  if (method === 'DELETE') return hasKey ? 'DeleteObject' : 'DeleteBucket';
  return query.includes('delete') ? 'DeleteObjects' : `${method} ${path}`;
}

const serviceOfBucketHost = (host: string): boolean => !host.startsWith('s3.') && !host.startsWith('s3-');

const restShapes: [RegExp, Record<string, string>][] = [
  [/^\/2015-03-31\/functions\/[^/]+\/invocations\/?$/, { POST: 'Invoke' }],
  [/^\/2015-03-31\/functions\/[^/]+\/?$/, { GET: 'GetFunction', DELETE: 'DeleteFunction' }],
  [/^\/2015-03-31\/functions\/?$/, { GET: 'ListFunctions', POST: 'CreateFunction' }],
  [
    /^\/schedules\/[^/]+\/?$/,
    { POST: 'CreateSchedule', GET: 'GetSchedule', PUT: 'UpdateSchedule', DELETE: 'DeleteSchedule' },
  ],
  [/^\/schedules\/?$/, { GET: 'ListSchedules' }],
];

function restOperation(method: string, path: string): string {
  for (const [shape, operations] of restShapes) if (shape.test(path) && operations[method]) return operations[method];
  return `${method} ${path}`;
}
