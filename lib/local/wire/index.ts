/**
 * AWS's protocols over whatever carries them: an HTTP request becomes an operation of a service, its reply a response.
 *
 * 1. Never rejects and never tells a stack trace: what goes wrong here is InternalFailure in the caller's protocol.
 * 2. Service, operation and protocol follow from the request alone (route.ts); credentials are not checked.
 * 3. Inputs and outputs are AWS's JSON form whatever the protocol: bytes in base64, timestamps in epoch seconds.
 */
import { fail, type Json, type Reply, type ServiceName } from '../services/service';
import { internalFailure, malformedBody, tooLarge, unknownOperation } from './errors';
import { type JsonTarget, readJson, writeJson } from './json';
import { misfit } from './misfit';
import { queryHas, readQuery, writeQuery } from './query';
import { matchOperation, readRest, type Target, writeRest } from './rest';
import { type Route, route } from './route';
import { plainBody, readXml, splitBucket, writeS3Error } from './s3';
import { api, hasMember } from './schemas';
import { type HttpRequest, type HttpResponse, maxBytesOf, type Transport } from './transport';

export { type HttpRequest, type HttpResponse, maxBodyBytes, type Transport } from './transport';

type Origin = Parameters<Transport>[1];

/** Asks a service; may reject (then the caller sees InternalFailure). */
export type AskService = (service: ServiceName, operation: string, input: Json, origin: Origin) => Promise<Reply>;

export interface WireOptions {
  /** For `x-amzn-requestid`; unless given, ids count up from 1. */
  requestId?: () => string;
}

export function createWire(services: AskService, options: WireOptions = {}): { handle: Transport } {
  let count = 0;
  const requestId = options.requestId ?? (() => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`);

  const ask = async (service: ServiceName, operation: string, input: Json, origin: Origin): Promise<Reply> => {
    let reply: Reply;
    try {
      reply = await services(service, operation, input, origin);
    } catch {
      reply = internalFailure();
    }
    if (reply.error?.name !== 'InternalFailure') return reply;
    // A service may rely on the types that AWS's own API layer sees to; only our own mistakes remain ours.
    return misfit(service, operation, input) ?? reply;
  };

  return {
    handle: async (request, origin) => {
      const id = requestId();
      const unread: JsonTarget = { service: 'events', operation: '', version: '1.0' };
      try {
        const target = splitPath(request.path);
        const way = route(request, target);
        const most = maxBytesOf(request.method, request.path, request.headers['x-amz-target']);
        if (request.body.length > most) return refusalFor(way, tooLarge(request.body.length, most), id, request);
        switch (way.protocol) {
          case 'json':
            return await overJson(way.target, request, id, (input) =>
              ask(way.target.service, way.target.operation, input, origin),
            );
          case 'query':
            return await overQuery(way, target, id, (operation, input) => ask(way.service, operation, input, origin));
          case 'rest':
            return await overRest(way.service, request, target, id, (operation, input) =>
              ask(way.service, operation, input, origin),
            );
          case 'unknown':
            return refusalFor(
              way,
              fail('UnknownOperationException', `${sentence(way.what)} is not modelled here.`),
              id,
              request,
            );
        }
      } catch (error) {
        // A path that does not decode is the caller's; all else is ours.
        const reply =
          error instanceof URIError
            ? fail('InvalidURI', "The request's path could not be decoded.")
            : internalFailure();
        return writeJson(unread, reply, id);
      }
    },
  };
}

async function overJson(
  target: JsonTarget,
  request: HttpRequest,
  id: string,
  ask: (input: Json) => Promise<Reply>,
): Promise<HttpResponse> {
  let input: Json;
  try {
    input = readJson(request.body);
  } catch (error) {
    return writeJson(target, malformedBody((error as Error).message), id);
  }
  return writeJson(target, await ask(input), id);
}

async function overQuery(
  { service, form }: Extract<Route, { protocol: 'query' }>,
  target: Target,
  id: string,
  ask: (operation: string, input: Json) => Promise<Reply>,
): Promise<HttpResponse> {
  const action = form.get('Action')!;
  if (!queryHas(service, action)) return writeQuery(service, action, unknownOperation(service, action), id);
  let input: Json;
  try {
    input = readQuery(service, action, form);
  } catch (error) {
    return writeQuery(service, action, fail('MalformedQueryString', (error as Error).message), id);
  }
  // The oldest clients say the queue by the path alone.
  if (service === 'sqs' && input.QueueUrl === undefined && /^\/\d{12}\/[^/]+$/.test(target.path)) {
    input.QueueUrl = target.path;
  }
  return writeQuery(service, action, await ask(action, input), id);
}

async function overRest(
  service: 'lambda' | 's3' | 'scheduler',
  request: HttpRequest,
  target: Target,
  id: string,
  ask: (operation: string, input: Json) => Promise<Reply>,
): Promise<HttpResponse> {
  return service === 's3' ? overS3(request, target, id, ask) : overRestJson(service, request, target, id, ask);
}

async function overRestJson(
  service: 'lambda' | 'scheduler',
  request: HttpRequest,
  target: Target,
  id: string,
  ask: (operation: string, input: Json) => Promise<Reply>,
): Promise<HttpResponse> {
  const shapes = api(service);
  const match = matchOperation(shapes, request, target);
  if (!match)
    return writeRestJsonError(service, unknownOperation(service, `${request.method} ${target.path}`), id, 404);
  const { operation } = match;
  let input: Json;
  try {
    input = readRest(match, request, target, (_, body) => readJson(body));
  } catch (error) {
    if (error instanceof URIError) throw error;
    return writeRestJsonError(service, malformedBody((error as Error).message), id);
  }
  const reply = await ask(operation.name, input);
  if (reply.error) return writeRestJsonError(service, reply, id, shapes.errorStatus(reply.error.name));
  const response = writeRest(operation, reply.output, 'json');
  if (operation.name === 'Invoke' && response.body.length > 0) response.headers['content-type'] = 'application/json';
  response.headers['x-amzn-requestid'] = id;
  return response;
}

/** Source: the Lambda and Scheduler API references, "Errors": Lambda says Type and Message, Scheduler Message. */
function writeRestJsonError(service: 'lambda' | 'scheduler', reply: Reply, id: string, usual = 400): HttpResponse {
  const { name, message, members, status = usual } = reply.error!;
  const content = {
    ...(service === 'lambda' && { Type: status < 500 ? 'User' : 'Service' }),
    Message: message,
    ...members,
  };
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': name, 'x-amzn-requestid': id },
    body: Buffer.from(JSON.stringify(content), 'utf8'),
  };
}

async function overS3(
  request: HttpRequest,
  whole: Target,
  id: string,
  ask: (operation: string, input: Json) => Promise<Reply>,
): Promise<HttpResponse> {
  const { bucket, target } = splitBucket(request.headers.host ?? '', whole);
  const shapes = api('s3');
  const answer = (response: HttpResponse): HttpResponse => {
    response.headers['x-amz-request-id'] = id;
    return response;
  };
  const refuse = (reply: Reply) => answer(writeS3Error(reply, id, request.method));
  const match = matchOperation(
    shapes,
    request,
    target,
    ({ input, http }) => http!.parts.length === 0 && hasMember(input, 'Bucket') === (bucket !== undefined),
  );
  if (!match) return refuse(unknownOperation('s3', `${request.method} ${target.path}`));
  const plain = plainBody(request);
  if ('error' in plain) return refuse(plain as Reply);
  let input: Json;
  try {
    input = readRest(match, plain as HttpRequest, target, readXml);
  } catch (error) {
    if (error instanceof URIError) throw error;
    return refuse(
      fail(
        'MalformedXML',
        'The XML you provided was not well-formed or did not validate against our published schema.',
      ),
    );
  }
  if (bucket !== undefined) input.Bucket = bucket;
  const reply = await ask(match.operation.name, input);
  if (reply.error) {
    const status = reply.error.status ?? shapes.errorStatus(reply.error.name);
    return refuse({ error: { ...reply.error, status } });
  }
  const response = writeRest(match.operation, reply.output, 'xml');
  if (response.headers['content-range'] !== undefined) response.status = 206;
  if (request.method !== 'HEAD') response.headers['content-length'] = String(response.body.length);
  return answer(response);
}

/** A refusal before anything was read, in the form that the caller expects. */
function refusalFor(way: Route, reply: Reply, id: string, request: HttpRequest): HttpResponse {
  switch (way.protocol) {
    case 'json':
      return writeJson(way.target, reply, id);
    case 'query':
      return writeQuery(way.service, way.form.get('Action')!, reply, id);
    case 'rest':
      return way.service === 's3'
        ? writeS3Error(reply, id, request.method)
        : writeRestJsonError(way.service, reply, id);
    case 'unknown':
      return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
        ? writeQuery('sts', '', reply, id)
        : writeJson({ service: 'events', version: '1.1' }, reply, id);
  }
}

/** Nobody writes to a request's query. */
const noQuery = new URLSearchParams();

function splitPath(path: string): Target {
  const mark = path.indexOf('?');
  return mark < 0
    ? { path, query: noQuery }
    : { path: path.slice(0, mark), query: new URLSearchParams(path.slice(mark + 1)) };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
