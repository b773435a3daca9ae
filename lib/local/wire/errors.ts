/** What the wire itself answers with, before a service is asked. Names are AWS's. */
import { fail, type Reply } from '../services/service';

/** AWS says who is to blame: the caller below 500, itself from there on. */
export const faultOf = (status: number): 'Sender' | 'Receiver' => (status < 500 ? 'Sender' : 'Receiver');

export const unknownOperation = (service: string, operation: string): Reply =>
  fail('UnknownOperationException', `${service} ${operation} is not modelled here.`);

export const malformedBody = (why: string): Reply =>
  fail('SerializationException', `The request's body could not be read: ${why}`);

export const tooLarge = (bytes: number, limit: number): Reply =>
  fail('RequestEntityTooLargeException', `The request's body has ${bytes} bytes; ${limit} are allowed here.`, {
    status: 413,
  });

/** Ours to repair; what went wrong stays inside. */
export const internalFailure = (): Reply =>
  fail('InternalFailure', 'The local runtime failed to answer; this is a bug in it.', { status: 500 });

/** True for what a service says when it does not know an operation. */
export const isUnknownOperation = (reply: Reply): boolean => reply.error?.name === 'UnknownOperationException';
