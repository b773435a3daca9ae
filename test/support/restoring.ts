/**
 * A service that is written down and read into a new one every few acts. All tests of a service that run on it show that
 * its state is whole in a snapshot: what is forgotten, or shared and is so no more, changes an answer.
 */
import { Graph } from '../../lib/local/durable/graph';
import type { Service } from '../../lib/local/services/service';

/** `make` gives the service as it is when new, always the same. Every three acts, and more rarely when there are many. */
export function restoring(make: () => Service): Service {
  let service = make();
  let graph = new Graph(service);
  let acts = 0;
  let next = 3;
  // Since the last snapshot, for a service that is too busy for one.
  let since: (() => unknown)[] = [];
  let base: Buffer | undefined;
  const act = <T>(what: () => T): T => {
    if (++acts === next) {
      next = acts < 60 ? acts + 3 : acts * 2;
      const busy = service.busy?.();
      if (!busy) {
        base = graph.write();
        since = [];
      }
      service = make();
      graph = new Graph(service);
      if (base) graph.read(base);
      for (const one of since) one();
    }
    since.push(what);
    return what();
  };
  return {
    name: service.name,
    apply: (now, request) => act(() => service.apply(now, request)),
    wake: (now) => act(() => service.wake(now)),
  };
}
