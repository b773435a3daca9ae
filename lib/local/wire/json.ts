/**
 * The JSON protocols (1.0 and 1.1): the operation is in `x-amz-target`, the body is AWS's JSON form both ways.
 * Source: Smithy specifications "AWS JSON 1.0 protocol", "AWS JSON 1.1 protocol", "awsQueryCompatible".
 */
import type { Json, Reply, ServiceName } from '../services/service';
import { crc32 } from './crc32';
import { faultOf } from './errors';
import type { HttpResponse } from './transport';

export interface JsonTarget {
  service: ServiceName;
  operation: string;
  version: '1.0' | '1.1';
  /** What stands before '#' in an error's __type. */
  namespace?: string;
}

const targets: Record<string, Omit<JsonTarget, 'operation'>> = {
  AmazonSQS: { service: 'sqs', version: '1.0', namespace: 'com.amazonaws.sqs' },
  DynamoDB_20120810: { service: 'dynamodb', version: '1.0', namespace: 'com.amazonaws.dynamodb.v20120810' },
  DynamoDBStreams_20120810: { service: 'dynamodb', version: '1.0', namespace: 'com.amazonaws.dynamodb.v20120810' },
  AWSEvents: { service: 'events', version: '1.1' },
  Logs_20140328: { service: 'logs', version: '1.1' },
  AWSStepFunctions: { service: 'states', version: '1.0' },
  AmazonSSM: { service: 'ssm', version: '1.1' },
  secretsmanager: { service: 'secretsmanager', version: '1.1' },
  GraniteServiceVersion20100801: { service: 'cloudwatch', version: '1.0' },
};

/** Headers seen before; no more than the operations that there are, whatever callers make up. */
const seen = new Map<string, Readonly<JsonTarget>>();
const mostSeen = 1_000;

/** 'AmazonSQS.SendMessage' -> its service and operation; undefined for a target that nobody models. */
export function jsonTarget(header: string): Readonly<JsonTarget> | undefined {
  const known = seen.get(header);
  if (known) return known;
  const dot = header.lastIndexOf('.');
  const prefix = header.slice(0, dot);
  if (!Object.hasOwn(targets, prefix)) return undefined;
  const target = { ...targets[prefix]!, operation: header.slice(dot + 1) };
  if (seen.size < mostSeen) seen.set(header, target);
  return target;
}

/** Throws SyntaxError with a sentence. No body is an empty input. */
export function readJson(body: Buffer): Json {
  if (body.length === 0) return {};
  const input = JSON.parse(body.toString('utf8'));
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new SyntaxError('it is not a JSON object');
  // A member that is null is one that is not there.
  for (const name of Object.keys(input)) if (input[name] === null) delete input[name];
  return input;
}

export function writeJson(target: Omit<JsonTarget, 'operation'>, reply: Reply, requestId: string): HttpResponse {
  const headers: Record<string, string> = {
    'content-type': `application/x-amz-json-${target.version}`,
    'x-amzn-requestid': requestId,
  };
  let status = 200;
  let content: Json = reply.output ?? {};
  if (reply.error) {
    const { name, message, members, queryCode } = reply.error;
    status = reply.error.status ?? 400;
    content = { __type: target.namespace ? `${target.namespace}#${name}` : name, message, ...members };
    if (queryCode) headers['x-amzn-query-error'] = `${queryCode};${faultOf(status)}`;
  }
  const body = Buffer.from(JSON.stringify(content), 'utf8');
  if (target.service === 'dynamodb') headers['x-amz-crc32'] = String(crc32(body));
  return { status, headers, body };
}
