/** What the sandbox is given, and one invocation that runs in it. */
import type { Faults, HostWork, Random, Scheduler, Timer } from '../ports';
import type { Finished, Invocation } from '../services/service';
import type { Transport } from '../wire/transport';
import type { FunctionLog } from './lambda';

export interface SandboxPorts {
  scheduler: Scheduler;
  random: Random;
  transport: Transport;
  log(entry: FunctionLog): void;
  faults: Faults;
  hostWork: HostWork;
}

export interface Run {
  invocation: Invocation;
  done: (finished: Finished) => void;
  startedAt: number;
  deadline: Timer;
  calls: number;
  log: string[];
  /** What a callback brought, while the event loop is not empty yet. */
  waiting?: () => void;
  /** The handler gave a promise. */
  promised: boolean;
  callbackWaits: () => boolean;
}
