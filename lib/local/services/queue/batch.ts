/**
 * What SQS demands of every batch, and how it answers one: entries succeed and fail on their own.
 * Source: API SendMessageBatch, "Errors"; texts as recorded from AWS.
 */
import { Refusal, refused } from '../refusal';
import type { Json } from '../service';
import { missing, simpleQueueError } from './errors';

const entriesPerBatch = 10;

/** Throws what concerns the whole batch. */
export function readEntries(input: Json, kind: string): Json[] {
  const entries = input.Entries;
  if (!Array.isArray(entries) || entries.length === 0) {
    throw simpleQueueError('EmptyBatchRequest', `There should be at least one ${kind} in the request.`);
  }
  if (entries.length > entriesPerBatch) {
    throw simpleQueueError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${entriesPerBatch}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { Id } of entries) {
    if (Id === undefined || Id === null) throw missing('Id');
    if (!/^[\w-]{1,80}$/.test(Id)) {
      throw simpleQueueError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(Id)) throw simpleQueueError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
  return entries;
}

export function answerEach(entries: Json[], act: (entry: Json) => Json): Json {
  const Successful: Json[] = [];
  const Failed: Json[] = [];
  for (const entry of entries) {
    const result = refused(() => act(entry));
    if (result.error) {
      const { name, queryCode, message } = result.error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: queryCode ?? name, Message: message });
    } else Successful.push({ Id: entry.Id, ...result.value });
  }
  return { Successful, ...(Failed.length > 0 ? { Failed } : {}) };
}

export function demandTotal(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw new Refusal({
    name: 'BatchRequestTooLong',
    queryCode: 'AWS.SimpleQueueService.BatchRequestTooLong',
    message: `Batch requests cannot be longer than ${limit} bytes. You have sent ${bytes} bytes.`,
  });
}
