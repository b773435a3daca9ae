/** Receipt handles: which receive of which message of which queue. Opaque to users, as AWS's are. */
import { invalidReceiptHandle } from './errors';
import type { Message } from './message';
import type { Queue } from './queue';

export function receiptHandle(queue: Queue, message: Message): string {
  return Buffer.from(`${queue.naming.incarnation} ${message.order} ${message.receive} ${message.id}`).toString(
    'base64',
  );
}

/** Throws ReceiptHandleIsInvalid. `message` is undefined when it is gone; `latest`: no receive came after this one. */
export function readReceipt(queue: Queue, handle: unknown): { message: Message | undefined; latest: boolean } {
  const text = typeof handle === 'string' ? Buffer.from(handle, 'base64').toString() : '';
  const [, incarnation, order, receive] = /^([0-9a-f]+) (\d+) (\d+) [0-9a-f-]{36}$/.exec(text) ?? [];
  if (incarnation !== queue.naming.incarnation) throw invalidReceiptHandle(handle);
  const message = queue.find(Number(order));
  return { message, latest: message?.receive === Number(receive) };
}
