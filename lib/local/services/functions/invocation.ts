/** What goes into an invocation and comes out of it: sizes, JSON, errors. Pure. */
import { Refusal } from '../refusal';
import type { Finished, Json } from '../service';

/** Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB, 1 MB) and the API's messages. */
const mostSyncBytes = 6_291_556;
const mostAsyncBytes = 1_048_576;

/** The event as JSON text, from Invoke's input; `{}` when there is none. */
export function payloadOf(input: Json, type: string): string {
  const payload = Buffer.from(input.Payload ?? '', 'base64').toString() || '{}';
  const most = type === 'Event' ? mostAsyncBytes : mostSyncBytes;
  if (Buffer.byteLength(payload) > most) {
    throw new Refusal({
      name: 'RequestTooLargeException',
      status: 413,
      message: `${Buffer.byteLength(payload)} byte payload is too large for the ${type} invocation type (limit ${most} bytes)`,
    });
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new Refusal({
      name: 'InvalidRequestContentException',
      message: `Could not parse request body into json: ${(error as Error).message}`,
    });
  }
  return payload;
}

export function tooManyRequests(reason: string): Refusal {
  return new Refusal({
    name: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    status: 429,
    members: { Reason: reason, Type: 'User', message: 'Rate Exceeded.' },
  });
}

/** A response above 6 MB is an error of the function. */
export function limited(finished: Finished): Finished {
  const size = Buffer.byteLength(finished.payload);
  if (finished.functionError || size <= mostSyncBytes) return finished;
  const error = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${size} bytes) exceeded maximum allowed payload size (${mostSyncBytes} bytes).`,
  };
  return { ...finished, functionError: 'Unhandled', payload: JSON.stringify(error) };
}

/** One line for the trace. */
export function errorOf(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload);
  return errorType ? `${errorType}: ${errorMessage}` : String(errorMessage);
}
