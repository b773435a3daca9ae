/** What SQS's documentation says, as cases written by hand; each names its page. How the service does it: test/local/services/queue. */
import { base, Sqs } from '../local/services/queue/support';

interface Case {
  what: string;
  source: string;
  attributes?: Record<string, string>;
  /** Of the queue 'q', or 'q.fifo' where the attributes say so; gives what is compared. */
  run: (sqs: Sqs, queue: string) => unknown;
  expected: unknown;
}

const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
const api = 'SQS API Reference, ';
const guide = 'SQS Developer Guide, ';
const codeOf = (sqs: Sqs, operation: string, input: object): string => sqs.refusal(operation, input).split(':')[0]!;
const urlOf = (queue: string) => ({ QueueUrl: `${base}/${queue}` });
const group = (MessageGroupId: string, more: object = {}) => ({ MessageGroupId, ...more });

const cases: Case[] = [
  {
    what: 'a received message is hidden for its visibility timeout, then there again',
    source: `${guide}Visibility timeout`,
    attributes: { VisibilityTimeout: '30' },
    run: (sqs, queue) => {
      sqs.send(queue, 'a');
      const seen = [sqs.bodies(queue), sqs.bodies(queue)];
      sqs.pass(30);
      return [...seen, sqs.bodies(queue)];
    },
    expected: [['a'], [], ['a']],
  },
  {
    what: 'a visibility timeout of zero makes a message visible at once',
    source: `${api}ChangeMessageVisibility`,
    run: (sqs, queue) => {
      sqs.send(queue, 'a');
      const [{ ReceiptHandle }] = sqs.receive(queue) as [{ ReceiptHandle: string }];
      sqs.call('ChangeMessageVisibility', { ...urlOf(queue), ReceiptHandle, VisibilityTimeout: 0 });
      return sqs.bodies(queue);
    },
    expected: ['a'],
  },
  {
    what: 'a message with a delay is not there before it has passed',
    source: `${guide}Message timers`,
    run: (sqs, queue) => {
      sqs.send(queue, 'a', { DelaySeconds: 10 });
      const early = sqs.bodies(queue);
      sqs.pass(10);
      return [early, sqs.bodies(queue)];
    },
    expected: [[], ['a']],
  },
  {
    what: 'a FIFO queue takes a body of the last five minutes and does not deliver it twice',
    source: `${guide}Exactly-once processing in Amazon SQS`,
    attributes: fifo,
    run: (sqs, queue) => {
      sqs.send(queue, 'a', group('g'));
      sqs.send(queue, 'a', group('g'));
      const [first] = sqs.receive(queue);
      sqs.delete(queue, first as { ReceiptHandle: string });
      sqs.pass(301);
      sqs.send(queue, 'a', group('g'));
      return [first?.Body, sqs.bodies(queue)];
    },
    expected: ['a', ['a']],
  },
  {
    what: 'a group waits while one of its messages is in flight; other groups do not',
    source: `${guide}FIFO queue delivery logic`,
    attributes: fifo,
    run: (sqs, queue) => {
      for (const [body, id] of [
        ['a1', 'a'],
        ['a2', 'a'],
        ['b1', 'b'],
      ] as const)
        sqs.send(queue, body, group(id));
      return [sqs.bodies(queue, { MaxNumberOfMessages: 1 }), sqs.bodies(queue, { MaxNumberOfMessages: 10 })];
    },
    expected: [['a1'], ['b1']],
  },
  {
    what: 'an own deduplication id goes before the content',
    source: `${api}SendMessage, MessageDeduplicationId`,
    attributes: fifo,
    run: (sqs, queue) => {
      sqs.send(queue, 'a', group('g', { MessageDeduplicationId: '1' }));
      sqs.send(queue, 'a', group('g', { MessageDeduplicationId: '2' }));
      return sqs.bodies(queue);
    },
    expected: ['a', 'a'],
  },
  {
    what: 'a queue that is not there',
    source: `${api}GetQueueUrl, Errors`,
    run: (sqs) => codeOf(sqs, 'GetQueueUrl', { QueueName: 'none' }),
    expected: 'AWS.SimpleQueueService.NonExistentQueue',
  },
  {
    what: 'a batch without entries, with too many, with one id twice',
    source: `${api}SendMessageBatch, Errors`,
    run: (sqs, queue) =>
      [[], Array.from({ length: 11 }, (_, id) => `${id}`), ['a', 'a']].map((ids) =>
        codeOf(sqs, 'SendMessageBatch', { ...urlOf(queue), Entries: ids.map((Id) => ({ Id, MessageBody: 'x' })) }),
      ),
    expected: [
      'AWS.SimpleQueueService.EmptyBatchRequest',
      'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
      'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
    ],
  },
  {
    what: 'a purge within 60 seconds of another',
    source: `${api}PurgeQueue, Errors`,
    run: (sqs, queue) => {
      sqs.call('PurgeQueue', urlOf(queue));
      return codeOf(sqs, 'PurgeQueue', urlOf(queue));
    },
    expected: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  },
  {
    what: 'a message of a FIFO queue needs a group',
    source: `${api}SendMessage, MessageGroupId`,
    attributes: fifo,
    run: (sqs, queue) => codeOf(sqs, 'SendMessage', { ...urlOf(queue), MessageBody: 'a' }),
    expected: 'MissingParameter',
  },
];

test.each(cases.map((each) => [each.what, each] as const))('%s', (_, { attributes, run, expected, source }) => {
  expect(source).toMatch(/^SQS /);
  const sqs = new Sqs();
  const queue = attributes?.FifoQueue ? 'q.fifo' : 'q';
  sqs.queue(queue, attributes ?? {});
  expect(run(sqs, queue)).toEqual(expected);
});
