/** How a service's answer or error reads in Step Functions. Source: error names and causes as Step Functions records them. */
import type { Json, ServiceError } from '../../service';
import type { Answer } from './index';
import { upperFirst } from './sdk-services';

export interface ErrorStyle {
  /** Before the error's name, e.g. 'DynamoDB'. */
  prefix: string;
  /** As the cause names the service. */
  shown: string;
  /** Names end in 'Exception' whether the service's do or not. */
  suffix?: boolean;
  /** For errors without a shape of their own, e.g. 'AmazonDynamoDBException'. */
  generic?: string;
  /** The cause names a second id. */
  extended?: boolean;
  /** The older form of causes: 'Service: X; Status Code: 400; Error Code: E; ...'. */
  older?: boolean;
}

/** Errors that an API's model does not list, by their names or their codes in the Query protocol. */
const shapeless = new Set([
  ...['ValidationException', 'ValidationError', 'AccessDeniedException'],
  ...['InvalidParameterValue', 'MissingParameter'],
]);

export function failureOf({ name, message, status = 400, queryCode }: ServiceError, style: ErrorStyle): Answer {
  const short = name.split(/[.#]/).at(-1)!;
  const generic = style.generic ?? `${style.prefix}Exception`;
  const ending = style.suffix && !short.endsWith('Exception') ? 'Exception' : '';
  const error = `${style.prefix}.${shapeless.has(short) || shapeless.has(queryCode ?? '') ? generic : `${short}${ending}`}`;
  const id = '00000000-0000-4000-8000-000000000000';
  const cause = style.older
    ? `${message} (Service: ${style.shown}; Status Code: ${status}; Error Code: ${queryCode ?? short}; Request ID: ${id}; Proxy: null)`
    : `${message} (Service: ${style.shown}, Status Code: ${status}, Request ID: ${id}${style.extended ? `, Extended Request ID: ${id}` : ''})`;
  return { error, cause };
}

/** aws-sdk integrations give the API's members with an upper-case first letter and instants as ISO 8601. */
export function sdkOutput(value: Json, lowerCase: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => sdkOutput(item, lowerCase));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [
        lowerCase ? upperFirst(name) : name,
        typeof item === 'number' && /(Date|Time|Timestamp|Modified)$/.test(name)
          ? new Date(item * 1000).toISOString()
          : sdkOutput(item, lowerCase),
      ]),
  );
}

/** What optimized integrations add to an answer; only what states can sensibly look at. */
export function withMetadata(output: Json, requestId = '00000000-0000-4000-8000-000000000000', status = 200): Json {
  return {
    ...output,
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [requestId] },
      HttpHeaders: { 'x-amzn-RequestId': requestId },
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
