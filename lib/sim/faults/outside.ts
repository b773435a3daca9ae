/** Beyond AWS: gateways that functions call, and publishers that call us. */
import type { Crossing } from '../../local/ports';
import type { CrossingFault, FaultContext, MomentFault, PublicationFault } from '../faults';

type Sdk = Extract<Crossing, { at: 'sdk' }>;

/** No page of AWS: the sources are what gateways say of themselves. */
const stripe = 'https://docs.stripe.com';
const isGateway = (call: Sdk, { workload, app }: FaultContext): boolean => workload.isGateway?.(call, app) ?? false;
const changes = ({ operation }: Sdk): boolean => /^(Put|Update|Delete|Transact|Invoke|POST|PUT)/.test(operation);

export const outsideRows: readonly (CrossingFault | MomentFault | PublicationFault)[] = [
  {
    name: 'gateway-slow',
    happens: 'An outside gateway takes seconds to answer.',
    source: `${stripe}/error-low-level (timeouts)`,
    weight: 60,
    at: 'sdk',
    strikes: isGateway,
    // Sometimes for longer than functions live: it still does what it was asked.
    draw: (random) => ({ laterMs: 500 + random.below(random.below(4) === 0 ? 28_000 : 12_000) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
  {
    name: 'gateway-brownout',
    happens: 'For a while an outside gateway answers nobody in time, and does what it was asked all the same, late.',
    source: `${stripe}/error-low-level (timeouts)`,
    weight: 0.4,
    at: 'moment',
    draw: (random) => ({ lastsMs: 2_000 + random.below(3 * 60_000), laterMs: 4_000 + random.below(24_000) }),
    begin: ({ lastsMs, laterMs }, context) =>
      context.while(lastsMs, (crossing) =>
        crossing.at === 'sdk' && isGateway(crossing, context) && changes(crossing)
          ? { do: 'later', laterMs }
          : undefined,
      ),
  },
  {
    name: 'gateway-down',
    happens:
      'An outside gateway answers nobody, for longer than messages are received again for: whoever asked gives up.',
    source: `${stripe}/error-low-level (network errors: the result is unknown)`,
    weight: 0.4,
    at: 'moment',
    draw: (random) => ({ lastsMs: 10 * 60_000 + random.below(50 * 60_000) }),
    begin: ({ lastsMs }, context) =>
      context.while(lastsMs, (crossing) =>
        crossing.at === 'sdk' && isGateway(crossing, context) ? { do: 'fail-before', error: 'network' } : undefined,
      ),
  },
  {
    name: 'gateway-error',
    happens: 'An outside gateway answers with an error, and has done nothing.',
    source: `${stripe}/error-low-level (server errors)`,
    weight: 60,
    at: 'sdk',
    strikes: isGateway,
    draw: () => ({}),
    decision: () => ({ do: 'fail-before', error: 'InternalServerError', status: 500 }),
  },
  {
    name: 'gateway-error-after-effect',
    happens: 'An outside gateway has done it (charged, booked) and answers with an error, or not at all.',
    source: `${stripe}/error-low-level (treat the result as indeterminate)`,
    weight: 80,
    at: 'sdk',
    strikes: (call: Sdk, context) => isGateway(call, context) && changes(call),
    draw: (random) => ({ crash: random.below(3) === 0 }),
    decision: ({ crash }) => (crash ? { do: 'crash-after' } : { do: 'fail-after', error: 'network' }),
  },
  {
    name: 'webhook-twice',
    happens: 'An outsider publishes the same event twice, since it is not sure of the first.',
    source: `${stripe}/webhooks (handle duplicate events)`,
    weight: 100,
    at: 'publication',
    draw: (random) => ({ laterMs: random.below([150, 3_000, 300_000][random.below(3)]!) }),
    times: ({ laterMs }) => [0, laterMs],
  },
  {
    name: 'webhook-late',
    happens: 'An event from outside is published later than it happened, after others.',
    source: `${stripe}/webhooks (event ordering is not guaranteed)`,
    weight: 60,
    at: 'publication',
    draw: (random) => ({ laterMs: random.below(120_000) }),
    times: ({ laterMs }) => [laterMs],
  },
];
