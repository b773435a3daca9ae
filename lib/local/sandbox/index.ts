/**
 * Runs functions in virtual time: each execution environment is a vm context whose clock, chance, timers, files and
 * network come from the ports. The same seed and requests give the same lines, in any process.
 *
 * Differs from Lambda: a synchronous endless loop stops the whole runtime (nothing can interrupt it); CPU takes no
 * virtual time; local-time methods of Date use the time zone of this process (run it with TZ=UTC); an error thrown in a
 * stream's own event ('data', 'end') reaches this process and not the function.
 */
import type { FunctionRuntime } from '../services/service';
import { UnpackedCode } from '../unpacked';
import { Environment } from './environment';
import { isPromiseOf } from './realm';
import { watchRejections } from './rejections';
import type { SandboxPorts } from './sandbox-ports';
import { acting, isSharedPromise } from './shared-code';

export type { FunctionLog } from './lambda';
export type { SandboxPorts } from './sandbox-ports';

export function createSandboxRuntime(ports: SandboxPorts): FunctionRuntime {
  const environments = new Map<string, Environment>();
  const code = new UnpackedCode();
  const stopWatching = watchRejections((reason, promise) => {
    const shared = isSharedPromise(promise);
    for (const environment of environments.values()) {
      if (shared ? !environment.lives(acting.life) : !isPromiseOf(environment.realm, promise)) continue;
      environment.unhandledRejection(reason);
      return true;
    }
    return false;
  });
  return {
    run(invocation, done) {
      const { environmentId } = invocation;
      // A step of its own: two functions that start in the same millisecond start in the seed's order.
      ports.scheduler.at(ports.scheduler.now(), () => {
        let environment = environments.get(environmentId);
        if (!environment || environment.dead) {
          environment = new Environment(ports, code.located(invocation.environment), environmentId, () => {
            environments.delete(environmentId);
          });
          environments.set(environmentId, environment);
        }
        environment.start(invocation, done);
      });
    },
    discard(environmentId) {
      environments.get(environmentId)?.end();
    },
    async stop() {
      for (const environment of [...environments.values()]) environment.end();
      stopWatching();
      code.remove();
    },
  };
}
