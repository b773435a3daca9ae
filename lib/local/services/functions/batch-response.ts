/**
 * What a function's answer says about each message of its batch. Pure.
 *
 * 1. Without ReportBatchItemFailures an answer, whatever it says, means that all succeeded.
 * 2. With it: null, {}, and a null or empty batchItemFailures mean that all succeeded.
 * 3. An answer that cannot be understood (not JSON, a list that is none, an empty, null or unknown itemIdentifier) means
 *    that all failed.
 * 4. FIFO: AWS deletes what the answer does not name; that everything after the first failure is named is the function's
 *    duty. Here too, so that a function that forgets it is found out: order is lost then, as on AWS.
 * Source: docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
import type { ReceivedMessage } from './sqs-event';

export interface BatchVerdict {
  succeeded: ReceivedMessage[];
  failed: ReceivedMessage[];
  /** Why the whole batch failed, where the function itself did not throw. */
  reason?: string;
}

export function batchVerdict(messages: ReceivedMessage[], payload: string, reportsFailures: boolean): BatchVerdict {
  if (!reportsFailures) return { succeeded: messages, failed: [] };
  const all = (reason: string): BatchVerdict => ({ succeeded: [], failed: messages, reason });
  let answer: any;
  try {
    answer = JSON.parse(payload);
  } catch {
    return all(`the answer is not JSON: ${payload.slice(0, 100)}`);
  }
  const failures = answer?.batchItemFailures;
  if (failures === undefined || failures === null) return { succeeded: messages, failed: [] };
  if (!Array.isArray(failures)) return all('batchItemFailures is not a list');
  const known = new Set(messages.map((message) => message.MessageId));
  const failedIds = new Set<string>();
  for (const failure of failures) {
    const id = failure?.itemIdentifier;
    if (typeof id !== 'string' || id === '')
      return all(`an item of batchItemFailures has no itemIdentifier: ${JSON.stringify(failure)}`);
    if (!known.has(id)) return all(`batchItemFailures names the message '${id}', which is not in the batch`);
    failedIds.add(id);
  }
  return {
    succeeded: messages.filter((message) => !failedIds.has(message.MessageId)),
    failed: messages.filter((message) => failedIds.has(message.MessageId)),
  };
}
