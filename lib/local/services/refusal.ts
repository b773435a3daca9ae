/** How a service's own code says no: thrown anywhere inside, turned into AWS's error at the door of the service. */
import type { Reply, ServiceError } from './service';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly error: ServiceError) {
    super(`${error.name}: ${error.message}`);
  }
}

/** What `act` gives, or what it refused; anything else that is thrown is a bug and passes through. */
export function refused<T>(act: () => T): { value: T; error?: undefined } | { error: ServiceError } {
  try {
    return { value: act() };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { error: thrown.error };
    throw thrown;
  }
}

/** Answers a request: the output of `act`, an error reply for what it refused, or nothing where the answer comes later. */
export function replyOf(act: () => Reply['output'] | undefined): Reply | undefined {
  const result = refused(act);
  if (result.error) return { error: result.error };
  return result.value === undefined ? undefined : { output: result.value };
}
