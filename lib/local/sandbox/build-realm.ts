/** Puts a context together: its clock, chance, files, network, output, one fork of chance for each. */
import type { HostWork, Random } from '../ports';
import type { Send } from './http-client';
import { lazily } from './lazily';
import type { Life } from './life';
import { createClock } from './modules/clock';
import { createConsole } from './modules/console';
import { createCrypto } from './modules/crypto';
import { createFetch } from './modules/fetch';
import type { createFs } from './modules/fs';
import { createHttp } from './modules/http';
import { createProcess } from './modules/process';
import { Realm } from './realm';

export interface RealmPlan {
  codeDir: string;
  life: Life;
  random: Random;
  bornAt: number;
  hostWork: HostWork;
  skewMs(): number;
  env: Record<string, string>;
  argv: string[];
  threads: Record<string, unknown>;
  /** Shared by all threads of an environment. */
  fs(): ReturnType<typeof createFs>;
  send: Send;
  print(line: string): void;
  exit(code: number): never;
  requestId(): string | undefined;
}

export function buildRealm(plan: RealmPlan): Realm {
  const { life, random, env, print, hostWork } = plan;
  const mathRandom = random.fork('math');
  const clock = createClock(life, plan.bornAt);
  const process = createProcess(life, clock, { env, print, exit: plan.exit });
  (process.argv as string[]).push(...plan.argv);
  const http = lazily(() => createHttp(life, clock, plan.send));
  return new Realm({
    codeDir: plan.codeDir,
    life,
    skewMs: plan.skewMs,
    random: () => mathRandom.next(),
    clock,
    crypto: createCrypto(life, random.fork('crypto'), hostWork),
    fs: plan.fs,
    http,
    process,
    console: createConsole(life, {
      stdout: process.stdout as never,
      stderr: process.stderr as never,
      json: env.AWS_LAMBDA_LOG_FORMAT === 'JSON',
      print,
      requestId: plan.requestId,
    }),
    threads: plan.threads,
    fetch: createFetch(() => http().https as never, hostWork),
    outlet: {
      env: process.env as Record<string, string>,
      send: plan.send,
      hold: () => life.hold(),
      after: (ms, work) => life.after(ms, work),
      dead: () => life.dead,
    },
  });
}
