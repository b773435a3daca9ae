/** How large an event is, for those who store and send it. Bytes of UTF-8. */
import type { OwedEvent } from '../../lib/contracts/record';

/** An entry of PutEvents must be smaller, and so must the entries of one call together. Source: API_PutEvents (1 MB). */
export const wireBytesLimit = 1_048_576;

/** The input of a schedule must be smaller. Source: EventBridge Scheduler quotas, 'Maximum payload size' (256 KB). */
export const scheduledBytesLimit = 262_144;

/**
 * EventBridge's own formula, without the 14 bytes for Time and without Resources: neither is sent.
 * Source: EventBridge guide, 'Calculating PutEvents event entry sizes'.
 */
export const entryBytes = ({ source, type, detail }: OwedEvent): number =>
  Buffer.byteLength(source) + Buffer.byteLength(type) + Buffer.byteLength(detail);

/** Attribute names, numbers and the overhead of a list's element in DynamoDB, rounded up. */
const overheadBytes = 64;

/** What an owed event takes in its record. */
export const recordedBytes = (event: OwedEvent): number =>
  entryBytes(event) + Buffer.byteLength(event.id) + overheadBytes;
