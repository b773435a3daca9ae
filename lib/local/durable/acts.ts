/** What a durable run keeps: the acts of the services, and what of them is still open. */
import type { Millis } from '../ports';
import type { Finished, Invocation, Json, Outcome, Service, ServiceName, ServiceRequest } from '../services/service';

/** Who is to have the answer: someone outside of the world, or a service by its tag; undefined: nobody. */
export type Asker = 'outside' | { from: ServiceName; tag: Json };

/** What a service acted on: a request, or (undefined) the time alone. */
export interface Act {
  now: Millis;
  request?: ServiceRequest;
  asker?: Asker;
}

/** Keeps what happens (durable/journal.ts). */
export interface Journal {
  /** Called before the service acts. `act` must be copied at once: services keep and change what they are given. */
  write(service: Service, act: Act): void;
  /** What came of the last act of a service. */
  came(service: Service, outcome: Outcome, requestId: string | undefined): void;
  /** Does it when all that was written before is safe; in the order of the calls. */
  whenSafe(work: () => void): void;
}

/** What a world goes on with that ended without notice. */
export interface Resumed {
  /** When each service is to be woken. */
  wakeAt: { service: ServiceName; at: Millis }[];
  /** Requests without an answer. */
  open: { service: ServiceName; requestId: string; asker: Asker }[];
  /** Invocations that were running. */
  running: Invocation[];
}

/** As an environment ends whose process died. */
export function crashed({ invocationId, environmentId, requestId }: Invocation): Finished {
  const errorMessage = `RequestId: ${requestId} Error: the local runtime ended while the function was running`;
  const payload = JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage });
  return { invocationId, environmentId, functionError: 'Crash', payload, reusable: false };
}
