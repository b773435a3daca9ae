/** The contexts of one environment: the function's own, and one for each of its worker threads; files are shared. */
import type { Random } from '../ports';
import type { EnvironmentSpec } from '../services/service';
import type { HttpResponse } from '../wire/transport';
import { buildRealm } from './build-realm';
import { leaveGround } from './ground';
import type { Send } from './http-client';
import { lazily } from './lazily';
import { Life } from './life';
import { createFs } from './modules/fs';
import { createThreads } from './modules/threads';
import type { Realm } from './realm';
import type { SandboxPorts } from './sandbox-ports';
import { send } from './sdk-leg';

export interface EnvironmentRealmOptions {
  ports: SandboxPorts;
  spec: EnvironmentSpec;
  random: Random;
  bornAt: number;
  life: Life;
  env: Record<string, string>;
  print(line: string): void;
  exit(code: number): never;
  crash(): void;
  /** Names the next SDK call: the invocation under way, and the call's place in it. */
  call(): { invocationId: string; index: number };
  requestId(): string | undefined;
}

export interface EnvironmentRealm {
  main: Realm;
  /** Once, when the environment has ended. */
  leave(): void;
}

export function createEnvironmentRealm(options: EnvironmentRealmOptions): EnvironmentRealm {
  const { ports, spec, life, bornAt } = options;
  const fs = lazily(() => createFs(spec.codeDir, life));
  let threads = 0;
  const realms: Realm[] = [];

  const sender = (ownLife: Life, random: Random): Send => {
    return (request, answer, broken) => {
      const origin = { functionName: spec.functionName, ...options.call(), crash: () => options.crash() };
      send(
        ports,
        random,
        request,
        origin,
        (response: HttpResponse) => ownLife.happen(() => ownLife.guard(() => answer(response))),
        (error) => ownLife.happen(() => ownLife.guard(() => broken(error))),
      );
    };
  };

  const create = (
    name: string,
    ownLife: Life,
    env: Record<string, string>,
    ownThreads: Record<string, unknown>,
    argv: string[] = [],
  ): Realm => {
    const random = options.random.fork(name);
    const realm = buildRealm({
      codeDir: spec.codeDir,
      life: ownLife,
      random,
      bornAt,
      hostWork: ports.hostWork,
      skewMs: () => ports.faults.skewMs?.(spec.functionName) ?? 0,
      env,
      argv,
      threads: ownThreads,
      fs,
      send: sender(ownLife, random.fork('network')),
      print: (line) => options.print(line),
      exit: (code) => options.exit(code),
      requestId: () => options.requestId(),
    });
    realms.push(realm);
    return realm;
  };

  const ownThreads = createThreads({
    life,
    env: options.env,
    childLife: (uncaught) => new Life(ports.scheduler, uncaught, () => {}, 0, life),
    nextId: () => ++threads,
    start: ({ file, env, argv, threads: theirs, life: theirLife }) => {
      create(`thread ${theirs.threadId}`, theirLife, env, theirs, argv).load(file);
    },
  });
  return {
    main: create('main', life, options.env, ownThreads),
    leave: () => {
      for (const { ground } of realms) leaveGround(ground, spec.codeDir, ports.hostWork);
    },
  };
}
