/**
 * Code that lies in S3: it is fetched before the operation that names it is done, and that operation is answered then.
 * Its answer comes later, so a template cannot do this: there code is an asset, or inline.
 * Source: API_FunctionCode; the text of a refusal as users of Lambda report it.
 */
import type { Effect, Json, Reply, ServiceError, ServiceRequest } from '../service';

/** The members of an input that say where code is: CreateFunction has them in Code. */
const placeOf = ({ operation, input }: Pick<ServiceRequest, 'operation' | 'input'>): Json =>
  operation === 'CreateFunction' ? input.Code : operation === 'UpdateFunctionCode' ? input : undefined;

/** What to ask S3 before this request can be done; undefined: nothing. */
export function fetchOf({ operation, input, requestId }: ServiceRequest): Effect | undefined {
  const place = placeOf({ operation, input });
  if (place?.S3Bucket === undefined || place.S3Key === undefined) return undefined;
  return {
    kind: 'call',
    to: 's3',
    operation: 'GetObject',
    input: {
      Bucket: place.S3Bucket,
      Key: place.S3Key,
      ...(place.S3ObjectVersion && { VersionId: place.S3ObjectVersion }),
    },
    tag: { code: { operation, input, requestId } },
  };
}

/** The request again, its code in ZipFile; or why there is none. */
export function withCode(request: ServiceRequest, reply: Reply): ServiceRequest | { error: ServiceError } {
  if (reply.error) {
    const { name, message } = reply.error;
    const said = `Error occurred while GetObject. S3 Error Code: ${name}. S3 Error Message: ${message}`;
    return { error: { name: 'InvalidParameterValueException', message: said } };
  }
  const input = structuredClone(request.input);
  const place = placeOf({ operation: request.operation, input });
  for (const member of ['S3Bucket', 'S3Key', 'S3ObjectVersion']) delete place[member];
  place.ZipFile = reply.output.Body ?? '';
  return { ...request, input };
}
