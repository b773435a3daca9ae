/**
 * A child execution of a distributed Map: its own name, input and events; the parent's variables are not seen.
 * Not modelled: the Map Run as a resource (DescribeMapRun, ListMapRuns); children are not listed.
 * Source: Step Functions developer guide, "Using Map state in Distributed mode".
 */
import type { Json } from '../../service';
import { textOf } from '../json';
import type { StateContext } from './context';
import type { Program } from './definition';
import type { Thread } from './engine';
import { newExecution } from './execution';
import { executionLog } from './execution-log';
import { History } from './history';
import { runProgram } from './states';

export function startedChild(
  { engine, thread, outer }: StateContext,
  program: Program,
  input: Json,
  index: number,
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
  return engine.spawn({
    execution,
    scope: execution.scope,
    parent: thread,
    index,
    last: 0,
    flow: (child) => runProgram(engine, child, program, input, outer),
  });
}
