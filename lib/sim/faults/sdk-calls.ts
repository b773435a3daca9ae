/** A function's own calls to AWS: each may die, be slow, be refused, or take effect although its caller is told it failed. */
import type { Crossing, FaultDecision, Random } from '../../local/ports';
import type { CrossingFault } from '../faults';

type Sdk = Extract<Crossing, { at: 'sdk' }>;

const dev = 'https://docs.aws.amazon.com';
const any = (): boolean => true;
const of =
  (service: string, operations: RegExp = /./) =>
  (call: Sdk): boolean =>
    call.service === service && operations.test(call.operation);
const refuses = (error: string, message: string, members?: Record<string, unknown>): FaultDecision => ({
  do: 'fail-before',
  error,
  message,
  status: 400,
  ...(members ? { members } : {}),
});
const nothing = (): object => ({});
const writes = /^(PutItem|UpdateItem|DeleteItem|TransactWriteItems|BatchWriteItem)$/;

/** Some of `count`, at least one, as indexes. */
function some(random: Random, count: number): number[] {
  const all = Array.from({ length: Math.max(1, count) }, (_, index) => index);
  const chosen = all.filter(() => random.below(2) === 0);
  return chosen.length > 0 ? chosen : [random.below(all.length)];
}

const throttles = (service: string, error: string, source: string, weight: number): CrossingFault => ({
  name: `throttled-${service}`,
  happens: `${service} refuses a call of a function: too many requests.`,
  source: `${dev}/${source}`,
  weight,
  at: 'sdk',
  strikes: of(service),
  draw: nothing,
  decision: () => refuses(error, 'Rate exceeded'),
});

export const sdkRows: readonly CrossingFault[] = [
  {
    name: 'crash-before-call',
    happens: 'The environment dies just before a call: it never happened.',
    source: `${dev}/lambda/latest/dg/lambda-runtime-environment.html (errors and shutdown)`,
    weight: 12,
    at: 'sdk',
    strikes: any,
    draw: nothing,
    decision: () => ({ do: 'crash-before' }),
  },
  {
    name: 'crash-after-call',
    happens: 'The environment dies when a call has taken effect and its answer is not here yet.',
    source: `${dev}/lambda/latest/dg/lambda-runtime-environment.html (errors and shutdown)`,
    weight: 12,
    at: 'sdk',
    strikes: any,
    draw: nothing,
    decision: () => ({ do: 'crash-after' }),
  },
  {
    name: 'lost-response',
    happens: 'A call takes effect, and its caller gets a broken connection.',
    source: `${dev}/sdkref/latest/guide/feature-retry-behavior.html (transient errors are retried)`,
    weight: 15,
    at: 'sdk',
    strikes: any,
    draw: nothing,
    decision: () => ({ do: 'fail-after', error: 'network' }),
  },
  {
    name: 'broken-connection',
    happens: 'A call never arrives, and its caller gets a broken connection.',
    source: `${dev}/sdkref/latest/guide/feature-retry-behavior.html`,
    weight: 8,
    at: 'sdk',
    strikes: any,
    draw: nothing,
    decision: () => ({ do: 'fail-before', error: 'network' }),
  },
  {
    name: 'internal-error',
    happens: 'A service answers 500, with or without having done it.',
    source: `${dev}/amazondynamodb/latest/developerguide/Programming.Errors.html (HTTP 500: the operation may have succeeded)`,
    weight: 10,
    at: 'sdk',
    strikes: any,
    draw: (random) => ({ done: random.below(2) === 0 }),
    decision: ({ done }) => ({ do: done ? 'fail-after' : 'fail-before', error: 'InternalServerError', status: 500 }),
  },
  {
    name: 'never-answered',
    happens: 'A call takes effect or not, and no answer comes before the function is ended.',
    source: `${dev}/lambda/latest/dg/configuration-timeout.html`,
    weight: 5,
    at: 'sdk',
    strikes: any,
    draw: (random) => ({ done: random.below(2) === 0 }),
    decision: ({ done }) => (done ? { do: 'answer-lost' } : { do: 'lose' }),
  },
  {
    name: 'slow-call',
    happens: 'A call takes seconds; it still takes effect when its caller is gone.',
    source: `${dev}/sdkref/latest/guide/feature-smart-config-defaults.html (timeouts of a call)`,
    weight: 12,
    at: 'sdk',
    strikes: any,
    draw: (random) => ({ laterMs: 200 + random.below(random.below(4) === 0 ? 30_000 : 4_000) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
  {
    name: 'late-write',
    happens: 'The environment dies while a transaction is under way, which takes effect, or is refused, minutes later.',
    source: `${dev}/lambda/latest/dg/lambda-runtime-environment.html (errors and shutdown); how late is ours: AWS gives no bound`,
    weight: 80,
    at: 'sdk',
    // A gateway's calls land within the time that its consumer declares: how late they are, the rows of gateways say.
    strikes: (call: Sdk, { workload, app }) =>
      of('dynamodb', /^TransactWriteItems$/)(call) && !workload.isGateway?.(call, app),
    // Later than the message comes back.
    draw: (random) => ({ laterMs: 60_000 + random.below(240_000) }),
    decision: ({ laterMs }) => ({ do: 'crash-after', laterMs }),
  },
  {
    name: 'call-twice',
    happens: 'A request is sent a second time beneath the caller: a retry whose first try had arrived.',
    source: `${dev}/sdkref/latest/guide/feature-retry-behavior.html`,
    weight: 8,
    at: 'sdk',
    strikes: any,
    draw: (random) => ({ laterMs: random.below(3_000) }),
    decision: ({ laterMs }) => ({ do: 'twice', laterMs }),
  },
  {
    name: 'write-race',
    happens: 'Between a read and its conditional write there is time for others.',
    source: `${dev}/amazondynamodb/latest/developerguide/WorkingWithItems.html (conditional writes, optimistic locking)`,
    weight: 150,
    at: 'sdk',
    strikes: of('dynamodb', writes),
    draw: (random) => ({ laterMs: 20 + random.below(1_500) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
  {
    name: 'transaction-conflict',
    happens: 'A transaction is cancelled since another request works on one of its items.',
    source: `${dev}/amazondynamodb/latest/APIReference/API_TransactWriteItems.html (TransactionConflict)`,
    weight: 40,
    at: 'sdk',
    strikes: of('dynamodb', /^TransactWriteItems$/),
    draw: (random, { input }: Sdk) => ({ item: random.below((input as any)?.TransactItems?.length ?? 1) }),
    decision: ({ item }, { input }: Sdk) => {
      const count = (input as any)?.TransactItems?.length ?? 1;
      const reasons = Array.from({ length: count }, (_, index) =>
        index === item % count
          ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
          : { Code: 'None' },
      );
      const codes = reasons.map(({ Code }) => Code).join(', ');
      return refuses(
        'TransactionCanceledException',
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
        { CancellationReasons: reasons },
      );
    },
  },
  throttles(
    'dynamodb',
    'ProvisionedThroughputExceededException',
    'amazondynamodb/latest/developerguide/Programming.Errors.html',
    15,
  ),
  throttles('events', 'ThrottlingException', 'eventbridge/latest/APIReference/CommonErrors.html', 15),
  throttles('sqs', 'RequestThrottled', 'AWSSimpleQueueService/latest/APIReference/API_SendMessage.html', 15),
  throttles('states', 'ThrottlingException', 'step-functions/latest/dg/service-quotas.html', 15),
  throttles('lambda', 'TooManyRequestsException', 'lambda/latest/api/API_Invoke.html', 15),
  throttles('scheduler', 'ThrottlingException', 'scheduler/latest/APIReference/CommonErrors.html', 15),
  {
    name: 'put-events-partly-failed',
    happens: 'PutEvents answers 200, and some of its entries failed.',
    source: `${dev}/eventbridge/latest/APIReference/API_PutEvents.html (FailedEntryCount)`,
    weight: 60,
    at: 'sdk',
    strikes: of('events', /^PutEvents$/),
    draw: (random, { input }: Sdk) => ({ failed: some(random, (input as any)?.Entries?.length ?? 1) }),
    decision: ({ failed }: { failed: number[] }) => ({
      do: 'rewrite-input',
      rewrite: (input) => {
        const entries = input.Entries.filter((_: unknown, index: number) => !failed.includes(index));
        // With none left the request would be refused as empty: an entry without a bus matches no rule.
        return entries.length > 0 ? { ...input, Entries: entries } : { ...input, Entries: input.Entries.map(broken) };
      },
      rewriteReply: (output, input) => {
        const passed = output.Entries.filter(({ EventId }: { EventId?: string }) => EventId !== undefined);
        const Entries = input.Entries.map((_: unknown, index: number) =>
          failed.includes(index)
            ? { ErrorCode: 'InternalFailure', ErrorMessage: 'Unexpected exception occurred on the server-side.' }
            : passed.shift(),
        );
        return { ...output, Entries, FailedEntryCount: Entries.filter((entry: any) => entry?.ErrorCode).length };
      },
    }),
  },
  {
    name: 'batch-get-unprocessed',
    happens: 'BatchGetItem returns some of the keys as unprocessed.',
    source: `${dev}/amazondynamodb/latest/APIReference/API_BatchGetItem.html (UnprocessedKeys)`,
    weight: 30,
    at: 'sdk',
    strikes: (call: Sdk) =>
      of('dynamodb', /^BatchGetItem$/)(call) && Object.keys((call.input as any)?.RequestItems ?? {}).length > 1,
    draw: (random) => ({ table: random.below(16) }),
    decision: ({ table }: { table: number }) => {
      const left = (input: any): string => {
        const tables = Object.keys(input.RequestItems);
        return tables[table % tables.length]!;
      };
      return {
        do: 'rewrite-input',
        rewrite: (input) => {
          const { [left(input)]: _, ...RequestItems } = input.RequestItems;
          return { ...input, RequestItems };
        },
        rewriteReply: (output, input) => ({
          ...output,
          UnprocessedKeys: { ...output.UnprocessedKeys, [left(input)]: input.RequestItems[left(input)] },
        }),
      };
    },
  },
  {
    name: 'stale-index',
    happens: 'A read of a global index shows it as it was seconds ago.',
    source: `${dev}/amazondynamodb/latest/developerguide/GSI.html (eventually consistent)`,
    weight: 250,
    at: 'sdk',
    strikes: (call: Sdk) => of('dynamodb', /^(Query|Scan)$/)(call) && (call.input as any)?.IndexName !== undefined,
    draw: (random) => ({ staleMs: 100 + random.below(9_000) }),
    decision: ({ staleMs }) => ({ do: 'rewrite-input', rewrite: (input) => ({ ...input, $staleMs: staleMs }) }),
  },
  {
    name: 'task-token-twice',
    happens: 'A task token is answered a second time.',
    source: `${dev}/step-functions/latest/dg/connect-to-resource.html (task tokens), apirefs SendTaskSuccess TaskTimedOut`,
    weight: 100,
    at: 'sdk',
    strikes: of('states', /^SendTask(Success|Failure)$/),
    draw: (random) => ({ laterMs: random.below(60_000) }),
    decision: ({ laterMs }) => ({ do: 'twice', laterMs }),
  },
  {
    name: 'task-token-late',
    happens: 'The answer to a task token comes minutes later, when its function is gone.',
    source: `${dev}/step-functions/latest/dg/connect-to-resource.html (heartbeat and timeout of a waiting task)`,
    weight: 50,
    at: 'sdk',
    strikes: of('states', /^SendTask(Success|Failure)$/),
    draw: (random) => ({ laterMs: 20_000 + random.below(600_000) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
  {
    name: 'task-token-never',
    happens: 'The answer to a task token never arrives, and its function waits in vain.',
    source: `${dev}/step-functions/latest/dg/connect-to-resource.html (waiting tasks wait up to a year)`,
    weight: 50,
    at: 'sdk',
    strikes: of('states', /^SendTask(Success|Failure)$/),
    draw: nothing,
    decision: () => ({ do: 'lose' }),
  },
];

const broken = (entry: object): object => ({ ...entry, Detail: '{' });
