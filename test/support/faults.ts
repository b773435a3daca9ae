/**
 * Faults that strike one consumer in one run of a flow, the first time that its crossing is met. Each counts how often it
 * struck: a fault that never struck has shown nothing.
 */

import { functionOf } from '../../lib/cli/invoke';
import type { Consumer } from '../../lib/contracts/kit';
import type { Crossing, FaultDecision, Faults } from '../../lib/local/ports';
import { VirtualWorld } from '../../lib/local/virtual';
import { outputName } from '../../lib/stacks/names';
import { assemblyDir } from './assembly';
import type { Flow, Run } from './flows';

/** Says what to do at a crossing that belongs to the consumer and the run; called for each. */
export type Strike = (crossing: Crossing) => FaultDecision | undefined;

/** Strikes at the first `times` crossings that fit. */
export function atFirst(times: number, fits: (crossing: Crossing) => boolean, decision: FaultDecision): Strike {
  let left = times;
  return (crossing) => (left > 0 && fits(crossing) && left-- > 0 ? decision : undefined);
}

/** One after the other, each until it has nothing more to do at this crossing. */
export const both =
  (...strikes: Strike[]): Strike =>
  (crossing) => {
    for (const strike of strikes) {
      const decision = strike(crossing);
      if (decision) return decision;
    }
    return undefined;
  };

export const sdk =
  (service: string, operation: string) =>
  (crossing: Crossing): boolean =>
    crossing.at === 'sdk' && crossing.service === service && crossing.operation === operation;

const failure = (error: string, members?: Record<string, unknown>): FaultDecision => ({
  do: 'fail-before',
  error,
  status: 400,
  ...(members ? { members } : {}),
});

/** The first entry of the call fails, and the others do not. */
const oneEntryFails: FaultDecision = {
  do: 'rewrite-input',
  rewrite: ({ Entries: [first, ...others], ...rest }) => ({ ...rest, Entries: [{ ...first, Detail: '{' }, ...others] }),
  rewriteReply: ({ Entries: [, ...others], ...rest }) => ({
    ...rest,
    Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'Injected by a fault.' }, ...others],
  }),
};

/** SDKs try three times by themselves: this often goes on to the handler. */
const beyondTheSdk = 4;

/** Ends in the same effects, without a dead letter. `not`: why a consumer is left out. */
export const harmless: readonly {
  name: string;
  strike: () => Strike;
  not?: (consumer: Consumer) => string | undefined;
}[] = [
  {
    name: 'duplicate delivery, at the same time',
    strike: () => atFirst(1, (crossing) => crossing.at === 'call', { do: 'twice' }),
    not: ({ ordered }) => (ordered ? 'SQS itself drops the second copy of a FIFO message for five minutes' : undefined),
  },
  {
    name: 'duplicate delivery, much later',
    strike: () => atFirst(1, (crossing) => crossing.at === 'call', { do: 'twice', laterMs: 400_000 }),
  },
  {
    name: 'crash after the transaction and before publish',
    strike: () => atFirst(1, sdk('events', 'PutEvents'), { do: 'crash-before' }),
  },
  {
    name: 'crash before acknowledge',
    strike: () => atFirst(1, sdk('dynamodb', 'UpdateItem'), { do: 'crash-after' }),
  },
  { name: 'partial PutEvents failure', strike: () => atFirst(1, sdk('events', 'PutEvents'), oneEntryFails) },
  {
    name: 'transaction conflict, twice',
    strike: () =>
      atFirst(
        2,
        sdk('dynamodb', 'TransactWriteItems'),
        failure('TransactionCanceledException', {
          CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
        }),
      ),
  },
  {
    name: 'throttled table',
    strike: () =>
      both(
        atFirst(beyondTheSdk, sdk('dynamodb', 'BatchGetItem'), failure('ProvisionedThroughputExceededException')),
        atFirst(beyondTheSdk, sdk('dynamodb', 'TransactWriteItems'), failure('ThrottlingException')),
        atFirst(beyondTheSdk, sdk('dynamodb', 'UpdateItem'), failure('ThrottlingException')),
      ),
  },
  { name: 'function timeout', strike: () => atFirst(1, (crossing) => crossing.at === 'invoke', { do: 'timeout' }) },
  {
    name: 'the answer to the commit is lost',
    strike: () => atFirst(beyondTheSdk, sdk('dynamodb', 'TransactWriteItems'), { do: 'fail-after', error: 'network' }),
  },
  {
    name: 'the answer to PutEvents is lost',
    strike: () => atFirst(beyondTheSdk, sdk('events', 'PutEvents'), { do: 'fail-after', error: 'network' }),
  },
];

/** The app in one world, with faults that can be aimed at a consumer in a run. */
export class FaultyApp {
  readonly world: VirtualWorld;
  struck = 0;
  private aim: { functionName: string; queue: string; run: Run; strike: Strike; invocations: Set<string> } | undefined;
  private restsWithinMs: number | undefined;
  private held: { queue: string; type: string; run: Run; laterMs: number } | undefined;
  private runs = 0;

  constructor(seed?: string) {
    const faults: Faults = { decide: (crossing) => this.decide(crossing) };
    this.world = new VirtualWorld({ assemblyDir: assemblyDir(), faults, seed });
  }

  queueUrl(consumer: Consumer): string {
    return this.world.output(`${outputName(consumer.id)}QueueUrl`);
  }

  /** Starts a flow under a name and a day of its own, with a fault aimed at the consumer. */
  async begin(flow: Flow, at?: { consumer: Consumer; strike: Strike }): Promise<Run> {
    const number = ++this.runs;
    const day = new Date(this.world.time.now() + (7 + number) * 86_400_000).toISOString().slice(0, 10);
    const run = { key: `run-${String(number).padStart(3, '0')}`, date: day };
    this.struck = 0;
    this.aim = at && {
      functionName: functionOf(this.world, at.consumer),
      queue: this.queueUrl(at.consumer),
      run,
      strike: at.strike,
      invocations: new Set(),
    };
    const { held, restsWithinMs } = flow;
    this.restsWithinMs = restsWithinMs;
    this.held = held && { queue: this.queueUrl(held.to), type: held.event.name, run, laterMs: held.laterMs };
    await flow.start(this.world, run);
    return run;
  }

  /** Lets it come to rest; then nothing is aimed at any more. */
  async end(): Promise<void> {
    const state = await this.world.settle(this.restsWithinMs);
    this.aim = undefined;
    this.held = undefined;
    if (state !== 'quiet') throw new Error('the flow did not come to rest within its virtual time (restsWithinMs)');
  }

  async stop(): Promise<void> {
    expect(this.world.world.bugs).toEqual([]);
    await this.world.stop();
  }

  private decide(crossing: Crossing): FaultDecision | undefined {
    const decision = this.struckBy(crossing);
    if (decision) {
      this.struck++;
      return decision;
    }
    const { held } = this;
    if (!held || !this.isDelivery(crossing, held.queue, held.run)) return undefined;
    const isHeld = JSON.parse((crossing.input as any).MessageBody)['detail-type'] === held.type;
    return isHeld ? { do: 'later', laterMs: held.laterMs } : undefined;
  }

  private struckBy(crossing: Crossing): FaultDecision | undefined {
    const { aim } = this;
    if (!aim) return undefined;
    if (crossing.at === 'call') {
      return this.isDelivery(crossing, aim.queue, aim.run) ? aim.strike(crossing) : undefined;
    }
    if (crossing.functionName !== aim.functionName) return undefined;
    // Only the message names the run, not each call that is made for it.
    if (crossing.at === 'invoke' && crossing.input?.toString().includes(aim.run.key)) {
      aim.invocations.add(crossing.invocationId);
    }
    return aim.invocations.has(crossing.invocationId) ? aim.strike(crossing) : undefined;
  }

  private isDelivery(crossing: Crossing, queue: string, run: Run): boolean {
    if (crossing.at !== 'call' || crossing.from !== 'events' || crossing.to !== 'sqs') return false;
    const { QueueUrl, MessageBody } = crossing.input as { QueueUrl: string; MessageBody: string };
    return QueueUrl === queue && MessageBody.includes(run.key);
  }
}
