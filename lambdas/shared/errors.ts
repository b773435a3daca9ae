/**
 * Errors of the delivery protocol, and how errors are told apart: by `name` (or a stable code), never by `instanceof`
 * or text, since an SDK error need not be an instance of this realm's Error.
 */

/** This message can never succeed: it goes to the consumer's dead letters with this reason, and is acknowledged. */
export class RejectedError extends Error {
  override readonly name: string = 'RejectedError';
}

/** What one decision wants published does not fit into its record, or into EventBridge. A kind of RejectedError. */
export class OwedTooLargeError extends RejectedError {
  override readonly name = 'OwedTooLargeError';
}

/** Not now: the message is redelivered later. */
export class NotNowError extends Error {
  override readonly name = 'NotNowError';
}

export const nameOf = (error: unknown): string => String((error as { name?: unknown } | undefined)?.name ?? 'Error');

export const messageOf = (error: unknown): string =>
  String((error as { message?: unknown } | undefined)?.message ?? error);

const rejections = new Set(['RejectedError', 'OwedTooLargeError']);
export const isRejection = (error: unknown): boolean => rejections.has(nameOf(error));

const transientNames = new Set([
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
  'RequestThrottled',
  'RequestThrottledException',
  'TransactionInProgressException',
  'InternalServerError',
  'InternalServerException',
  'InternalException',
  'InternalFailure',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'NetworkingError',
]);
const brokenConnections = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND']);

/** Worth trying again soon: a throttle, a fault on AWS's side, a broken connection. */
export function isTransient(error: unknown): boolean {
  const { $fault, $retryable, code } = (error ?? {}) as { $fault?: string; $retryable?: unknown; code?: string };
  return (
    transientNames.has(nameOf(error)) ||
    $fault === 'server' ||
    $retryable !== undefined ||
    brokenConnections.has(String(code))
  );
}
