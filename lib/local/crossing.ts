/** A call from one service to another, and what a fault makes of it. */
import type { FaultDecision, Millis } from './ports';
import { fail, type Json, type Reply } from './services/service';

export interface Crossed {
  input: Json;
  /** Brings the call to the other service; `input`: something else than was asked. */
  deliver(answer: (reply: Reply) => void, input?: Json): void;
  /** Brings the answer back to the caller. */
  giveBack(reply: Reply): void;
  later(delayMs: Millis, work: () => void): void;
}

export function cross(decision: FaultDecision | undefined, delay: Millis, crossed: Crossed): void {
  const { input, deliver, giveBack, later } = crossed;
  switch (decision?.do) {
    case undefined:
      later(delay, () => deliver(giveBack));
      return;
    case 'lose':
      return;
    case 'twice':
      later(delay, () => deliver(giveBack));
      later(delay + (decision.laterMs ?? 0), () => deliver(() => {}));
      return;
    case 'later':
      later(delay + decision.laterMs, () => deliver(giveBack));
      return;
    case 'fail-before':
      later(delay, () => giveBack(faultReply(decision)));
      return;
    case 'fail-after':
      later(delay, () => deliver(() => giveBack(faultReply(decision))));
      return;
    case 'rewrite-input': {
      const { rewrite, rewriteReply } = decision;
      const answer = (reply: Reply): void =>
        giveBack(rewriteReply && !reply.error ? { output: rewriteReply(reply.output, input) } : reply);
      later(delay, () => deliver(answer, rewrite(input)));
      return;
    }
    default:
      throw new Error(`fault '${decision?.do}' cannot strike between services; it can at a function's own call`);
  }
}

function faultReply(decision: Extract<FaultDecision, { error: string }>): Reply {
  const { error, message = 'Injected by a fault.', status = 500, members } = decision;
  return fail(error, message, { status, ...(members ? { members } : {}) });
}
