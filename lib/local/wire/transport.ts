/** One HTTP exchange, whoever carries it: the port, or a function's own SDK without a socket. */
export interface HttpRequest {
  method: string;
  /** With the query string, as on the request line. */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** `origin` is given when a function makes the call. Never rejects. */
export type Transport = (
  request: HttpRequest,
  origin?: { functionName: string; invocationId: string; index: number },
) => Promise<HttpResponse>;

/** Larger bodies are answered with 413. Lambda takes 6 MB, DynamoDB's batches 16 MB on AWS; S3 takes more there. */
export const maxBodyBytes = 10 * 1024 * 1024;

/** CreateFunction and UpdateFunctionCode carry up to 50 MB of archive in base64. */
const maxCodeBytes = 70_167_211;

/** A BatchWriteItem of 16 MB; its JSON is larger than what DynamoDB counts, so AWS ends it here too. */
const maxDynamoDbBytes = 16 * 1024 * 1024;

/** `target`: the header x-amz-target. */
export const maxBytesOf = (method: string, path: string, target?: string): number =>
  (method === 'POST' && /^\/2015-03-31\/functions\/?(\?|$)/.test(path)) ||
  (method === 'PUT' && /^\/2015-03-31\/functions\/[^/]+\/code\/?(\?|$)/.test(path))
    ? maxCodeBytes
    : target?.startsWith('DynamoDB_')
      ? maxDynamoDbBytes
      : maxBodyBytes;
