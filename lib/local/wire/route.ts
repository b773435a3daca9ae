/**
 * Which service a request is for: `x-amz-target`, then the credential's scope, then the host, then form or path.
 * Signatures and credentials are never checked.
 */
import type { ServiceName } from '../services/service';
import { type JsonTarget, jsonTarget } from './json';
import { serviceOfVersion } from './query';
import type { Target } from './rest';
import { bucketOfHost } from './s3';
import type { HttpRequest } from './transport';

export type Route =
  | { protocol: 'json'; target: JsonTarget }
  | { protocol: 'query'; service: ServiceName; form: URLSearchParams }
  | { protocol: 'rest'; service: 'lambda' | 's3' | 'scheduler' }
  /** Nothing here speaks that way; `what` names it. */
  | { protocol: 'unknown'; what: string };

/** Signing names, which are also the first labels of host names. */
const signingNames: Record<string, ServiceName> = {
  events: 'events',
  sqs: 'sqs',
  lambda: 'lambda',
  dynamodb: 'dynamodb',
  s3: 's3',
  scheduler: 'scheduler',
  logs: 'logs',
  cloudformation: 'cloudformation',
  sts: 'sts',
  monitoring: 'cloudwatch',
  states: 'states',
  sns: 'sns',
  ssm: 'ssm',
  secretsmanager: 'secretsmanager',
};

export function route(request: HttpRequest, target: Target): Route {
  const header = request.headers['x-amz-target'];
  if (header !== undefined) {
    const found = jsonTarget(header);
    return found ? { protocol: 'json', target: found } : { protocol: 'unknown', what: `the target '${header}'` };
  }
  const scope = credentialScope(request, target);
  const service = scope === undefined ? ofHost(request.headers.host ?? '') : signingNames[scope];
  if (scope !== undefined && service === undefined) return { protocol: 'unknown', what: `the service '${scope}'` };
  if (service === 's3' || service === 'lambda' || service === 'scheduler') return { protocol: 'rest', service };
  const form = readForm(request, target);
  if (form?.has('Action')) {
    const named = service ?? serviceOfVersion[form.get('Version') ?? ''];
    return named
      ? { protocol: 'query', service: named, form }
      : { protocol: 'unknown', what: `the API version '${form.get('Version')}'` };
  }
  if (service !== undefined)
    return { protocol: 'unknown', what: `a ${service} request without x-amz-target or Action` };
  if (/^\/20\d\d-\d\d-\d\d\//.test(target.path)) return { protocol: 'rest', service: 'lambda' };
  if (/^\/schedule(s|-groups)(\/|$)/.test(target.path)) return { protocol: 'rest', service: 'scheduler' };
  return { protocol: 'rest', service: 's3' };
}

/** `Credential=<key>/<date>/<region>/<service>/aws4_request`, in the header or in a presigned URL. */
function credentialScope(request: HttpRequest, target: Target): string | undefined {
  const text = request.headers.authorization ?? `Credential=${target.query.get('X-Amz-Credential') ?? ''}`;
  return /Credential=[^/,\s]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(text)?.[1];
}

function ofHost(host: string): ServiceName | undefined {
  if (bucketOfHost(host) !== undefined) return 's3';
  const labels = /^([a-z0-9-]+)(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?(:\d+)?$/.exec(host.toLowerCase());
  return labels ? signingNames[labels[1]!] : undefined;
}

function readForm(request: HttpRequest, target: Target): URLSearchParams | undefined {
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return new URLSearchParams(request.body.toString('utf8'));
  }
  return target.query.has('Action') ? target.query : undefined;
}
