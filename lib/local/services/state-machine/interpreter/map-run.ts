/**
 * A child execution of a distributed Map: its own name, input and events; the parent's variables are not seen.
 * Not modelled: the Map Run as a resource (DescribeMapRun, ListMapRuns); children are not listed.
 * Source: Step Functions developer guide, "Using Map state in Distributed mode".
 */
import type { Json } from '../../service';
import { textOf } from '../json';
import type { StateContext } from './context';
import type { Program } from './definition';
import type { Flow, Thread } from './engine';
import { newExecution } from './execution';
import { executionLog } from './execution-log';
import { History } from './history';
import type { MapRun } from './resume';

/** A Map Run that is new, or one that goes on. */
export function begunMapRun({ engine, thread, state }: StateContext, before: MapRun | undefined): MapRun {
  const { history, machine } = thread.execution;
  if (before) {
    const mapRun = { ...before, redrives: before.redrives + 1 };
    thread.last = history.add('MapRunRedriven', thread.last, {
      mapRunRedrivenEventDetails: { mapRunArn: mapRun.arn, redriveCount: mapRun.redrives },
    });
    return mapRun;
  }
  const label = state.Label ?? engine.random.hex(12);
  const arn = `${machine.arn.replace(':stateMachine:', ':mapRun:')}/${label}:${engine.random.uuid()}`;
  thread.last = history.add('MapRunStarted', thread.last, { mapRunStartedEventDetails: { mapRunArn: arn } });
  return { arn, redrives: 0 };
}

interface Child {
  input: Json;
  index: number;
  variables?: Record<string, Json>;
  flow: (thread: Thread) => Flow<Json>;
}

export function startedChild(
  { engine, thread }: StateContext,
  program: Program,
  { input, index, variables = {}, flow }: Child,
  mapRunArn: string,
): Thread {
  const name = engine.random.uuid();
  const express = program.ProcessorConfig?.ExecutionType === 'EXPRESS';
  const { machine } = thread.execution;
  const label = mapRunArn.split('/')[1]!.split(':')[0]!;
  const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}/${label}:${name}`;
  const log = executionLog({ ...machine, type: express ? 'EXPRESS' : 'STANDARD' }, arn, engine.now);
  const execution = newExecution({
    arn,
    name,
    machine,
    inputText: textOf(input),
    input,
    startMs: engine.now,
    history: new History(express ? 'free' : 'counted', engine, log),
    mapRunArn,
    random: thread.family.random,
  });
  execution.history.add('ExecutionStarted', 0);
  execution.scope.set(variables);
  return engine.spawn({
    execution,
    scope: execution.scope,
    parent: thread,
    index,
    last: 0,
    flow,
  });
}
