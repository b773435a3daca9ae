/**
 * What a service has begun and not ended: requests without an answer, functions that run, and when it is to be woken.
 * The same whether its acts happen now or are done again from the journal.
 */
import type { Millis } from '../ports';
import type { Invocation, Outcome } from '../services/service';
import type { Act, Asker } from './acts';

export interface Open {
  wakeAt: Millis | undefined;
  waiting: Map<string, Asker>;
  running: Map<string, Invocation>;
}

export class Track {
  constructor(readonly open: Open = { wakeAt: undefined, waiting: new Map(), running: new Map() }) {}

  acts({ request, asker }: Act): void {
    // A wake is done with when it comes; the outcome names the next.
    if (!request) this.open.wakeAt = undefined;
    else if (request.operation === '$finished') this.open.running.delete(request.input.invocationId);
    else if (asker !== undefined) this.open.waiting.set(request.requestId, asker);
  }

  came(outcome: Outcome, requestId: string | undefined): void {
    if (requestId !== undefined && outcome.reply) this.open.waiting.delete(requestId);
    if ('wakeAt' in outcome) this.open.wakeAt = outcome.wakeAt;
    for (const effect of outcome.effects ?? []) {
      if (effect.kind === 'reply') this.open.waiting.delete(effect.requestId);
      if (effect.kind === 'run') this.open.running.set(effect.invocation.invocationId, effect.invocation);
    }
  }
}
