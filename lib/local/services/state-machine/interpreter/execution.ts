/** One run of a state machine. */
import type { Millis, Random } from '../../../ports';
import type { Json } from '../../service';
import { Scope } from '../query/scope';
import { defined } from '../views';
import type { Program } from './definition';
import type { Engine, Signal, Thread } from './engine';
import { executionLog } from './execution-log';
import { History, whole } from './history';
import type { Resume } from './resume';
import type { StateTest } from './test-run';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface MachineSnapshot {
  arn: string;
  name: string;
  roleArn: string;
  type: 'STANDARD' | 'EXPRESS';
  definition: string;
  program: Program;
  versionArn?: string;
  aliasArn?: string;
  revisionId?: string;
  updatedMs: Millis;
  /** As CreateStateMachine has it. */
  logging?: Json;
}

export interface Execution {
  arn: string;
  name: string;
  machine: MachineSnapshot;
  /** As it was given. */
  inputText: string;
  input: Json;
  startMs: Millis;
  stopMs?: Millis;
  status: ExecutionStatus;
  outputText?: string;
  error?: string;
  cause?: string;
  history: History;
  root?: Thread;
  /** The states run so far. */
  steps: number;
  redrives: number;
  /** The variables of its outermost states; they outlive a failure, for a redrive. */
  scope: Scope;
  redriveMs?: Millis;
  /** Where a redrive goes on. */
  failedAt?: Resume;
  traceHeader?: string;
  mapRunArn?: string;
  /** A synchronous start waits for the end. */
  requestId?: string;
  /** The execution is a TestState request. */
  test?: StateTest;
  /** Threads that wait for the end of this execution (.sync). */
  followers: Thread[];
  /** Its own, so that what it draws does not depend on others. */
  random: Random;
  /** Counts its threads and those below it. */
  threads: number;
  /** All that came to it while it runs, and what it saw of others: repeated, it comes to the same place. */
  came: { now: Millis; thread: string; signal: Signal }[];
  seen: Seen[];
}

/** What a thread saw of another execution. */
export interface Seen {
  execution: Execution | undefined;
  running: boolean;
}

type Known = 'arn' | 'name' | 'machine' | 'inputText' | 'input' | 'startMs' | 'history' | 'random';
type Optional = 'test' | 'traceHeader' | 'mapRunArn';

/** One that has begun and done nothing yet. */
export const newExecution = (known: Pick<Execution, Known> & Partial<Pick<Execution, Optional>>): Execution => ({
  ...known,
  status: 'RUNNING',
  steps: 0,
  redrives: 0,
  scope: new Scope(),
  followers: [],
  threads: 0,
  came: [],
  seen: [],
});

/** An empty history, written to the machine's log group as well where it has one. */
export function historyOf(
  { machine, arn, startMs }: Pick<Execution, 'machine' | 'arn' | 'startMs'>,
  engine: Engine,
): History {
  return new History(machine.type === 'STANDARD' ? 'kept' : 'free', engine, executionLog(machine, arn, startMs));
}

export function noteStart({ history, inputText, machine }: Execution): void {
  history.add('ExecutionStarted', 0, {
    executionStartedEventDetails: {
      input: inputText,
      inputDetails: whole,
      roleArn: machine.roleArn,
      ...defined({ stateMachineVersionArn: machine.versionArn, stateMachineAliasArn: machine.aliasArn }),
    },
  });
}
