/** One run of a state machine. */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { Scope } from '../query/scope';
import type { Program } from './definition';
import type { Thread } from './engine';
import type { History } from './history';
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
  /** Where a redrive goes on: the state that failed, and its input. */
  failedAt?: { state: string; input: Json };
  traceHeader?: string;
  mapRunArn?: string;
  /** A synchronous start waits for the end. */
  requestId?: string;
  /** The execution is a TestState request. */
  test?: StateTest;
  /** Threads that wait for the end of this execution (.sync). */
  followers: Thread[];
}

type Known = 'arn' | 'name' | 'machine' | 'inputText' | 'input' | 'startMs' | 'history';
type Optional = 'test' | 'traceHeader' | 'mapRunArn';

/** One that has begun and done nothing yet. */
export const newExecution = (known: Pick<Execution, Known> & Partial<Pick<Execution, Optional>>): Execution => ({
  ...known,
  status: 'RUNNING',
  steps: 0,
  redrives: 0,
  scope: new Scope(),
  followers: [],
});
