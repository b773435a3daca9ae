/** Lambda, by a function's ARN and by lambda:invoke. Source: Step Functions developer guide, "Invoke Lambda with Step Functions". */
import type { Json, Reply } from '../../service';
import { parsed, textOf } from '../json';
import { failureOf, withMetadata } from './answers';
import type { Answer } from './index';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const functionInput = (arn: string, given: Json): Json => ({
  FunctionName: arn,
  Payload: base64(textOf(given)),
});

export const invokeInput = ({ Payload, ...rest }: Json): Json => ({
  ...rest,
  ...(Payload !== undefined ? { Payload: base64(payloadText(Payload)) } : {}),
});

/** No payload is an empty object; a text that is JSON is sent as that JSON, not as a text of it. */
function payloadText(payload: Json): string {
  if (payload === null) return '{}';
  return typeof payload === 'string' && parsed(payload) ? payload : textOf(payload);
}

export function functionRead(reply: Reply): Answer {
  const read = invoked(reply);
  return 'error' in read ? read : { output: read.payload };
}

export function invokeRead(reply: Reply): Answer {
  const read = invoked(reply);
  if ('error' in read) return read;
  const { ExecutedVersion, StatusCode } = reply.output;
  const output = { ExecutedVersion: ExecutedVersion ?? '$LATEST', Payload: read.payload };
  return { output: { ...withMetadata(output), StatusCode } };
}

function invoked({ output, error }: Reply): { payload: Json } | { error: string; cause: string } {
  if (error) {
    // Step Functions asks for $LATEST where no version is named, and the error says so.
    const message = error.message.replace(
      /^(Function not found: arn:aws:lambda:[^:]*:\d+:function:[\w-]+)$/,
      '$1:$$LATEST',
    );
    const failure = failureOf(
      { ...error, message },
      { prefix: 'Lambda', shown: 'AWSLambda', suffix: true, older: true },
    );
    return failure as { error: string; cause: string };
  }
  const text = Buffer.from(output.Payload ?? '', 'base64').toString('utf8');
  const payload = text === '' ? null : (parsed(text)?.value ?? text);
  if (!output.FunctionError) return { payload };
  return { error: payload?.errorType ?? 'Lambda.Unknown', cause: text };
}
