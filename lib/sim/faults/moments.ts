/** What happens to an app at some moment, and may last: outages, deployments, operators. */
import type { Crossing, Millis, Random } from '../../local/ports';
import type { MomentFault } from '../faults';

const dev = 'https://docs.aws.amazon.com';
const minute = 60_000;
const hour = 60 * minute;

const ofDelivery = (crossing: Crossing, target: string): boolean =>
  crossing.at === 'call' && (crossing.from === 'events' || crossing.from === 'scheduler') && crossing.to === target;

const ofSdk = (crossing: Crossing, service: string): boolean => crossing.at === 'sdk' && crossing.service === service;
const ofTask = (crossing: Crossing, service: string): boolean =>
  crossing.at === 'call' && crossing.from === 'states' && crossing.to === service;

/** DynamoDB deletes when it likes; here each item's delay is drawn (lib/local/services/table/expiry.ts), and then it is one for all. */
const timeToLive = (name: string, happens: string, delay: (random: Random) => Millis): MomentFault => ({
  name,
  happens,
  source: `${dev}/amazondynamodb/latest/developerguide/howitworks-ttl.html (within a few days)`,
  weight: 0.3,
  at: 'moment',
  draw: (random) => ({ delayMs: delay(random), lastsMs: hour + random.below(3 * hour) }),
  begin: ({ delayMs, lastsMs }, { world, later }) => {
    world.now('dynamodb', '$delayTimeToLive', { delayMs });
    later(lastsMs, () => world.now('dynamodb', '$delayTimeToLive', {}));
  },
});

export const momentRows: readonly MomentFault[] = [
  {
    name: 'target-unavailable',
    happens: 'A service that events are delivered to answers nobody, for minutes or hours.',
    source: `${dev}/eventbridge/latest/userguide/eb-rule-retry-policy.html (24 hours, 185 times)`,
    weight: 0.3,
    at: 'moment',
    draw: (random) => ({
      target: ['sqs', 'sqs', 'lambda', 'states'][random.below(4)],
      lastsMs: random.below(4) === 0 ? hour + random.below(3 * hour) : 1 + random.below(10 * minute),
    }),
    begin: ({ target, lastsMs }, context) =>
      context.while(lastsMs, (crossing) =>
        ofDelivery(crossing, target) ? { do: 'fail-before', error: 'ServiceUnavailable', status: 503 } : undefined,
      ),
  },
  {
    name: 'service-unavailable',
    happens: 'A service refuses every call of functions and every task of state machines, for seconds or minutes.',
    source: `${dev}/general/latest/gr/api-retries.html`,
    weight: 0.3,
    at: 'moment',
    draw: (random) => ({
      service: ['dynamodb', 'events', 'sqs', 'states', 's3'][random.below(5)],
      // The longest: than messages are received again for, so that they end in dead letters and steps time out unanswered.
      lastsMs: 1_000 + random.below([minute / 2, minute / 2, minute / 2, 4 * minute, 20 * minute][random.below(5)]!),
    }),
    begin: ({ service, lastsMs }, context) =>
      context.while(lastsMs, (crossing) =>
        ofSdk(crossing, service) || ofTask(crossing, service)
          ? { do: 'fail-before', error: 'ServiceUnavailable', status: 503 }
          : undefined,
      ),
  },
  {
    name: 'bus-refuses',
    happens: 'The bus takes nothing from functions for longer than messages are received again for.',
    source: `${dev}/eventbridge/latest/APIReference/CommonErrors.html (InternalFailure, ServiceUnavailable)`,
    weight: 0.3,
    at: 'moment',
    // What is committed meanwhile is published by nobody who is still told of it.
    draw: (random) => ({ lastsMs: 8 * minute + random.below(20 * minute) }),
    begin: ({ lastsMs }, context) =>
      context.while(lastsMs, (crossing) =>
        ofSdk(crossing, 'events') ? { do: 'fail-before', error: 'ServiceUnavailable', status: 503 } : undefined,
      ),
  },
  {
    name: 'service-throttles',
    happens: 'A service refuses the calls of functions for seconds, longer than the SDK tries: too many requests.',
    source: `${dev}/sdkref/latest/guide/feature-retry-behavior.html (throttling)`,
    weight: 0.3,
    at: 'moment',
    draw: (random) => ({
      service: ['dynamodb', 'dynamodb', 'events', 'states', 's3'][random.below(5)],
      lastsMs: 500 + random.below(40_000),
    }),
    begin: ({ service, lastsMs }, context) =>
      context.while(lastsMs, (crossing) =>
        ofSdk(crossing, service)
          ? { do: 'fail-before', error: 'ThrottlingException', message: 'Rate exceeded', status: 400 }
          : undefined,
      ),
  },
  {
    name: 'functions-throttled',
    happens: 'The account has no concurrency left: every invocation is refused for a while.',
    source: `${dev}/lambda/latest/dg/lambda-concurrency.html`,
    weight: 0.3,
    at: 'moment',
    draw: (random) => ({ function: random.below(1000), lastsMs: 2_000 + random.below(3 * minute) }),
    begin: ({ function: number, lastsMs }, context) => {
      const FunctionName = context.functions[number % context.functions.length];
      if (FunctionName === undefined) return;
      const { ReservedConcurrentExecutions: before } = context.world.now('lambda', 'GetFunctionConcurrency', {
        FunctionName,
      });
      // Two at a time: the second would give back, at its end, what the first has taken.
      if (before === 0) return;
      context.world.now('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: 0 });
      context.later(lastsMs, () =>
        before === undefined
          ? context.world.now('lambda', 'DeleteFunctionConcurrency', { FunctionName })
          : context.world.now('lambda', 'PutFunctionConcurrency', {
              FunctionName,
              ReservedConcurrentExecutions: before,
            }),
      );
    },
  },
  {
    name: 'deploy',
    happens: 'New code of one function is deployed: what is under way ends on the old, everything else starts cold.',
    source: `${dev}/lambda/latest/api/API_UpdateFunctionCode.html`,
    weight: 0.4,
    at: 'moment',
    draw: (random) => ({ function: random.below(1000) }),
    begin: ({ function: number }, { functions, world }) => replace(world, functions[number % functions.length]),
  },
  {
    name: 'cold-start-storm',
    happens: 'No environment is warm any more: every function starts anew, and takes seconds for it.',
    source: `${dev}/lambda/latest/dg/lambda-runtime-environment.html (environments are terminated every few hours)`,
    weight: 0.3,
    at: 'moment',
    draw: (random) => ({ startMs: 500 + random.below(8_000) }),
    begin: ({ startMs }, { functions, world, ...context }) => {
      for (const name of functions) replace(world, name);
      const cold = new Set(functions);
      context.while(4 * hour, (crossing) =>
        crossing.at === 'invoke' && cold.delete(crossing.functionName) ? { do: 'later', laterMs: startMs } : undefined,
      );
    },
  },
  {
    name: 'mapping-paused',
    happens: 'A queue is not polled for a while: an operator disabled its event source mapping.',
    source: `${dev}/lambda/latest/api/API_UpdateEventSourceMapping.html (Enabled)`,
    weight: 0.3,
    at: 'moment',
    draw: (random) => ({ mapping: random.below(1000), lastsMs: 5_000 + random.below(15 * minute) }),
    begin: ({ mapping, lastsMs }, { mappings, world, later }) => {
      const chosen = mappings[mapping % mappings.length];
      // What is paused already, by another strike or by the app, stays so for as long as that says.
      if (!chosen || world.now('lambda', 'GetEventSourceMapping', { UUID: chosen.id }).State !== 'Enabled') return;
      world.now('lambda', 'UpdateEventSourceMapping', { UUID: chosen.id, Enabled: false });
      later(lastsMs, () => world.now('lambda', 'UpdateEventSourceMapping', { UUID: chosen.id, Enabled: true }));
    },
  },
  {
    name: 'replay',
    happens: 'An operator replays the archive: every event since the beginning comes again, with a new EventBridge id.',
    source: `${dev}/eventbridge/latest/userguide/eb-replay-archived-event.html`,
    weight: 0.2,
    at: 'moment',
    draw: (random) => ({ archive: random.below(100), name: `replay-${random.hex(6)}` }),
    begin: ({ archive, name }, { archives, world, startedMs }) => {
      const chosen = archives[archive % archives.length];
      if (!chosen) return;
      const now = world.time.now();
      // The end must lie after the start; seconds, as the API takes them.
      if (now - startedMs < 2_000) return;
      world.now('events', 'StartReplay', {
        ReplayName: name,
        EventSourceArn: chosen.arn,
        EventStartTime: Math.floor(startedMs / 1000),
        EventEndTime: Math.floor(now / 1000),
        Destination: { Arn: chosen.busArn },
      });
    },
  },
  {
    name: 'redrive',
    happens: 'An operator sends dead letters back to where they came from.',
    source: `${dev}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html`,
    weight: 0.5,
    at: 'moment',
    draw: () => ({}),
    begin: (_, { workload, app }) => {
      for (const one of workload.redrivable?.(app) ?? []) {
        if (typeof one === 'string') app.redrive(one);
        else app.redrive(one.from, one.to);
      }
    },
  },
  {
    name: 'clock-skew',
    happens: 'The clock of one function is wrong by up to a second or so.',
    source: `${dev}/AWSEC2/latest/UserGuide/set-time.html; the bound is ours: AWS gives none for Lambda`,
    weight: 0.5,
    at: 'moment',
    draw: (random) => ({ function: random.below(1000), ms: random.below(3_000) - 1_500 }),
    begin: ({ function: number, ms }, { functions, skew }) => {
      const name = functions[number % functions.length];
      if (name !== undefined) skew(name, ms);
    },
  },
  timeToLive(
    'time-to-live-late',
    'Expired items stay for a day or two, and every read still sees them.',
    (random) => 24 * hour + random.below(24 * hour),
  ),
  timeToLive('time-to-live-prompt', 'Expired items are gone within minutes of their time.', () => 0),
];

/** The same code again: a deployment that changes nothing but the environments. */
function replace(world: import('../../local/virtual').VirtualWorld, FunctionName: string | undefined): void {
  if (FunctionName === undefined) return;
  world.replaceCode(FunctionName, world.codeOf(FunctionName));
}
