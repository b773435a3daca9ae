/** Between services: what a bus, a schedule and a queue's poller promise, and what they do not. */
import type { Crossing, FaultDecision } from '../../local/ports';
import type { CrossingFault } from '../faults';

type Call = Extract<Crossing, { at: 'call' }>;

const dev = 'https://docs.aws.amazon.com';
/** Something is handed over to a target: not polls, not answers. */
const isDelivery = ({ from, operation }: Call): boolean =>
  (from === 'events' || from === 'scheduler') && /^(SendMessage|Invoke|StartExecution|PutEvents)$/.test(operation);
/** A state machine's task asks another service; what it logs is no task. */
const isTask = ({ from, to }: Call): boolean => from === 'states' && to !== 'logs';
const isAcknowledgement = ({ from, operation }: Call): boolean =>
  from === 'lambda' && operation === 'DeleteMessageBatch';
const isPoll = ({ from, operation }: Call): boolean => from === 'lambda' && operation === 'ReceiveMessage';
const throttled = (message: string): FaultDecision => ({
  do: 'fail-before',
  error: 'ThrottlingException',
  message,
  status: 400,
});

export const callRows: readonly CrossingFault[] = [
  {
    name: 'duplicate-delivery',
    happens: 'An event or a schedule reaches its target twice, at once or minutes apart.',
    source: `${dev}/eventbridge/latest/userguide/eb-troubleshooting.html (my rule was triggered more than once)`,
    weight: 40,
    at: 'call',
    strikes: isDelivery,
    // A third so close that both copies are worked on side by side.
    draw: (random) => ({ laterMs: random.below([150, 5_000, 600_000][random.below(3)]!) }),
    decision: ({ laterMs }) => ({ do: 'twice', laterMs }),
  },
  {
    name: 'reordering',
    happens: 'A delivery is overtaken by later ones.',
    source: `${dev}/eventbridge/latest/userguide/eb-what-is-how-it-works-concepts.html (events are not delivered in order)`,
    weight: 60,
    at: 'call',
    strikes: isDelivery,
    draw: (random) => ({ laterMs: 50 + random.below(20_000) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
  {
    name: 'delay',
    happens: 'A delivery takes minutes.',
    source: `${dev}/eventbridge/latest/userguide/eb-troubleshooting.html (my events are delayed)`,
    weight: 8,
    at: 'call',
    strikes: isDelivery,
    draw: (random) => ({ laterMs: 30_000 + random.below(600_000) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
  {
    name: 'delivery-throttled',
    happens: 'The target refuses a delivery for now; it is tried again.',
    source: `${dev}/eventbridge/latest/userguide/eb-rule-retry-policy.html`,
    weight: 15,
    at: 'call',
    strikes: isDelivery,
    draw: () => ({}),
    decision: () => throttled('Rate exceeded'),
  },
  {
    name: 'delivery-answer-lost',
    happens: 'The target has the event, and whoever sent it is told that it failed, so it is sent again.',
    source: `${dev}/eventbridge/latest/userguide/eb-rule-retry-policy.html (retries), eb-troubleshooting.html`,
    weight: 15,
    at: 'call',
    strikes: isDelivery,
    draw: () => ({}),
    decision: () => ({ do: 'fail-after', error: 'InternalFailure', status: 500 }),
  },
  {
    name: 'acknowledgement-lost',
    happens: 'A handled message is not deleted, and is received again when its visibility timeout ends.',
    source: `${dev}/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html`,
    weight: 25,
    at: 'call',
    strikes: isAcknowledgement,
    draw: () => ({}),
    decision: () => ({ do: 'lose' }),
  },
  {
    name: 'visibility-expires',
    happens:
      'Waiting in front of a throttled function eats the visibility timeout: it ends while the message is worked on.',
    source: `${dev}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html`,
    weight: 20,
    at: 'call',
    strikes: isPoll,
    // None left: it ends while even the quickest handler is at work.
    draw: (random) => ({ seconds: random.below(4) }),
    decision: ({ seconds }) => ({
      do: 'rewrite-input',
      rewrite: (input) => ({ ...input, VisibilityTimeout: seconds }),
    }),
  },
  {
    name: 'poll-fails',
    happens: 'A poll of a queue is answered by an error.',
    source: `${dev}/AWSSimpleQueueService/latest/APIReference/CommonErrors.html (ServiceUnavailable)`,
    weight: 20,
    at: 'call',
    strikes: isPoll,
    draw: () => ({}),
    decision: () => ({ do: 'fail-before', error: 'ServiceUnavailable', status: 503 }),
  },
  {
    name: 'task-throttled',
    happens: 'A task of a state machine is refused for now; its Retry makes it again.',
    source: `${dev}/step-functions/latest/dg/concepts-error-handling.html (Retry)`,
    weight: 15,
    at: 'call',
    strikes: isTask,
    draw: () => ({}),
    decision: () => throttled('Rate exceeded'),
  },
  {
    name: 'task-answer-lost',
    happens:
      'A task of a state machine has taken effect, and the machine is told that it failed: its Retry makes it twice.',
    source: `${dev}/step-functions/latest/dg/concepts-standard-vs-express.html (exactly once, unless Retry says otherwise)`,
    weight: 15,
    at: 'call',
    strikes: isTask,
    draw: () => ({}),
    decision: () => ({ do: 'fail-after', error: 'InternalException', status: 500 }),
  },
];
