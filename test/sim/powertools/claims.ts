/**
 * What is said of Powertools' idempotency (2.35.0, its defaults), each claim with what the world does, what the simulator
 * throws, and the promise that breaks; and the same thrown at this repository's app. The list is the table of
 * docs/simulate.md, what record.ts hunts, and what the test runs.
 */
import type { Property, SimulateOptions, Workload } from '../../../lib/sim';
import { properties as ofOurApp, parcels } from '../workload';
import type { Options } from './app';
import type { Settings } from './charge';
import { bothAreKept, nobodyFails, withoutIds } from './ours';
import { chargedOnce, completedStays, noneIsForgotten, pairIsNoFailure, refusalsAreSaid } from './properties';
import { baskets, newcomers, tills } from './workload';

export interface Claim {
  name: string;
  /** For the table. */
  thrown: string;
  /** Rows of lib/sim/faults.ts. */
  faults: readonly string[];
  workload: Workload;
  timing: NonNullable<SimulateOptions['timing']>;
  app: Options;
  /** What breaks. */
  property: Property;
  /** A setting, other than the default, with which it does not. */
  otherwise?: Settings;
  ours: {
    rule: string;
    workload: Workload;
    properties: readonly Property[];
    /** The opposite, in test/sim/planted: found by `npm run simulate:planted`. */
    planted: string;
  };
}

const booking = parcels(1);
const app: Options = { timeoutSeconds: 5 };
/** Longer than anybody is slow: what is then not completed was refused. */
const patient: Options = { timeoutSeconds: 15 };
const minutes = (disturbMinutes: number): Claim['timing'] => ({ disturbMinutes, calmMinutes: 2 });

/** As long; but our app has a sweeper, which comes every five minutes. */
export const ourTiming = ({ timing: { disturbMinutes } }: Claim): Claim['timing'] => ({ disturbMinutes });

export const claims: readonly Claim[] = [
  {
    name: 'effect twice after a crash between effect and completion',
    thrown: 'the environment dies when a call has taken effect',
    faults: ['crash-after-call'],
    workload: baskets(12, 4_000),
    timing: minutes(1),
    app,
    property: chargedOnce,
    ours: {
      rule: 'T1: record and effect are one transaction; C3: an outside call is made again only under a key that is remembered',
      workload: booking,
      properties: ofOurApp,
      planted: 'key-drawn-for-each-call',
    },
  },
  {
    name: 'effect twice when the completion write is throttled',
    thrown:
      'the bank and whoever knows the customers are slow, and DynamoDB refuses every call for a second to minutes',
    faults: ['gateway-slow', 'service-unavailable'],
    workload: baskets(40, 1_500),
    timing: minutes(0.5),
    app: patient,
    property: chargedOnce,
    ours: {
      rule: 'T1: there is no second write to lose; C5: completion is tried again, the call is not made again',
      workload: booking,
      properties: ofOurApp,
      planted: 'c5-completion-not-retried',
    },
  },
  {
    name: 'business error masked when the delete is throttled',
    thrown:
      'the bank and whoever knows the customers are slow, and DynamoDB refuses every call for a second to minutes',
    faults: ['gateway-slow', 'service-unavailable'],
    workload: newcomers({ count: 40, knownAfterMs: 15_000 }),
    timing: minutes(0.5),
    app: patient,
    property: refusalsAreSaid,
    ours: {
      rule: 'step 3: a refusal is an outcome, committed like any other; nothing is deleted',
      workload: booking,
      properties: ofOurApp,
      planted: 'c2-released-on-any-error',
    },
  },
  {
    name: "unfenced delete removes another owner's COMPLETED record",
    thrown: 'a call is slow and outlives its function; the shop publishes an order again when the lease has ended',
    faults: ['slow-call'],
    workload: newcomers({ count: 24, knownAfterMs: 2_000, againAfterMs: 1000 * app.timeoutSeconds }),
    timing: minutes(1),
    app,
    property: completedStays,
    ours: {
      rule: 'C1, C2: a claim ends by its owner or by its lease; every write is conditional on the owner',
      workload: booking,
      properties: ofOurApp,
      planted: 'unfenced-completion',
    },
  },
  {
    name: 'second message of a pair in one batch reported as failed',
    thrown: 'events are delivered twice while an operator has paused the queue',
    faults: ['duplicate-delivery', 'mapping-paused'],
    workload: baskets(20, 3_000),
    timing: minutes(2),
    app,
    property: pairIsNoFailure,
    otherwise: { processInParallel: false },
    ours: {
      rule: 'T6: equal ids in one batch are handled one after the other',
      workload: booking,
      properties: [...ofOurApp, nobodyFails],
      planted: 't6-batch-side-by-side',
    },
  },
  {
    name: 'two events lacking a multi-field key swallowed as one',
    thrown: 'nothing; sales at the till have neither customer nor basket',
    faults: [],
    workload: tills(10),
    timing: minutes(1),
    app,
    property: noneIsForgotten,
    otherwise: { throwOnNoIdempotencyKey: true },
    ours: {
      rule: 'step 1: an event without `meta.id` is sent to the dead letters with its reason',
      workload: withoutIds,
      properties: [bothAreKept],
      planted: 'dead-letter-not-sent',
    },
  },
  {
    name: 'a one-hour default window against 14 days of retention',
    thrown: 'an operator replays the archive, within three hours',
    faults: ['replay'],
    workload: baskets(4, 4_000),
    timing: minutes(180),
    app,
    property: chargedOnce,
    otherwise: { expiresAfterSeconds: 14 * 86_400 },
    ours: {
      rule: 'T4: the window is derived from how long a copy can travel; what is older is refused',
      workload: booking,
      properties: ofOurApp,
      planted: 't4-records-for-an-hour',
    },
  },
];
