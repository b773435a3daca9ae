/**
 * Map: a program for each item, inline in this execution's history or distributed as executions of their own.
 *
 * Modelled: ItemsPath/Items, ItemSelector (Parameters), MaxConcurrency, tolerated failures, ItemBatcher, both modes.
 * Not modelled: ItemReader and ResultWriter (S3); definitions that name them are refused.
 *
 * 1. Results stand in the order of the items, whenever they come.
 * 2. At most MaxConcurrency iterations run at once: 40 inline and 10,000 distributed where it is 0.
 * Source: Amazon States Language, "Map State"; Step Functions developer guide, "Map workflow state".
 */
import type { Json } from '../../service';
import { evaluationFailure, runtimeFailure, StateFailure } from '../failure';
import { isObject, textOf } from '../json';
import { fillExpressions } from '../query/expression-values';
import { fillTemplate, readWhole } from '../query/path-values';
import { Scope } from '../query/scope';
import { batched } from './batches';
import type { StateContext } from './context';
import type { Program } from './definition';
import type { Flow, Thread } from './engine';
import { mapNumbers } from './map-numbers';
import { begunMapRun, startedChild } from './map-run';
import { before, type Place } from './resume';
import { runProgram } from './states';
import { mockedMap } from './test-run';

const mostInline = 40;
const mostDistributed = 10_000;

export function* runMap(context: StateContext, effective: Json): Flow<Json> {
  const { engine, thread, state, outer, name } = context;
  const { history } = thread.execution;
  const program: Program = state.ItemProcessor ?? state.Iterator;
  const distributed = program.ProcessorConfig?.Mode === 'DISTRIBUTED';
  const items = itemsOf(context, effective);
  const left = context.takeResume();
  if (!left?.branches) {
    const details = { mapStateStartedEventDetails: { length: items.length } };
    thread.last = history.add('MapStateStarted', thread.last, details);
  }
  const numbers = mapNumbers(context, effective);
  const mocked = mockedMap(context, numbers, items.length);
  if (mocked) return mocked.result;
  const given = items.map((value, index) => selected(context, effective, { Index: index, Value: value }));
  const inputs = distributed && state.ItemBatcher ? batched(context, effective, given) : given;
  const mapRun = distributed ? begunMapRun(context, left?.mapRun) : undefined;
  const known: Place['branches'] = new Map();
  Object.assign(thread.place!, { branches: known, mapRun });
  const startedId = thread.last;
  const atOnce = Math.min(
    numbers.maxConcurrency || Number.POSITIVE_INFINITY,
    distributed ? mostDistributed : mostInline,
  );
  const results: Json[] = new Array(inputs.length);
  let next = 0;
  let failures = 0;
  let last = startedId;
  let endId = startedId;
  const start = (): void => {
    const index = next++;
    const item = { Index: index, Value: items[index] };
    const { output, resume } = before(left, index);
    if (output !== undefined) {
      results[index] = output;
      known.set(index, { output });
      return;
    }
    open++;
    const flow = (child: Thread): Flow<Json> => {
      known.set(index, child);
      return runProgram(engine, child, program, inputs[index], outer, resume);
    };
    if (mapRun) {
      startedChild(context, program, { input: inputs[index], index, variables: resume?.variables, flow }, mapRun.arn);
      return;
    }
    const id = history.add('MapIterationStarted', last, { mapIterationStartedEventDetails: { name, index } });
    engine.spawn({
      execution: thread.execution,
      scope: new Scope(thread.scope, resume?.variables),
      parent: thread,
      item,
      index,
      last: id,
      flow,
    });
  };
  let open = 0;
  while (next < inputs.length || open > 0) {
    while (next < inputs.length && open < atOnce && thread.inbox.length === 0) {
      start();
    }
    for (let child = thread.inbox.shift(); child; child = thread.inbox.shift()) {
      open--;
      last = distributed ? startedId : child.last;
      const { failure } = child.ended!;
      if (!failure) {
        const output = child.ended?.output;
        results[child.index] = output;
        known.set(child.index, { output });
        if (!distributed) endId = iterationEnded(thread, 'Succeeded', name, child);
        continue;
      }
      failures++;
      if (!distributed) {
        iterationEnded(thread, 'Failed', name, child);
        thread.last = child.last;
        stop(context, child);
        throw failure;
      }
      if (!numbers.tolerates(failures, inputs.length)) {
        stop(context, child);
        const reason = 'The specified tolerated failure threshold was exceeded';
        thread.last = history.add('MapRunFailed', thread.last, {
          mapRunFailedEventDetails: { error: 'States.ExceedToleratedFailureThreshold', cause: reason },
        });
        throw new StateFailure('States.ExceedToleratedFailureThreshold', reason);
      }
      results[child.index] = { Error: failure.error, Cause: failure.cause };
    }
    if (open > 0 && !(next < inputs.length && open < atOnce)) yield {};
  }
  if (distributed) {
    const id = history.add('MapRunSucceeded', startedId);
    history.add('MapStateSucceeded', id);
    // As AWS numbers it: from the run's end in the first state, from its start in later ones.
    thread.last = context.beforeId === 0 ? id : startedId;
  } else {
    history.add('MapStateSucceeded', endId);
    thread.last = endId;
  }
  return results.filter((_, index) => index in results);
}

function iterationEnded(thread: Thread, how: 'Succeeded' | 'Failed', name: string, child: Thread): number {
  return thread.execution.history.add(`MapIteration${how}`, child.last, {
    [`mapIteration${how}EventDetails`]: { name, index: child.index },
  });
}

function stop({ engine, thread, name }: StateContext, failed: Thread): void {
  const { history } = thread.execution;
  for (const child of [...thread.children]) {
    engine.abort(child);
    if (child.execution === thread.execution) {
      history.add('MapIterationAborted', child.last, { mapIterationAbortedEventDetails: { name, index: child.index } });
    }
  }
  thread.children.clear();
  thread.inbox.length = 0;
  failed.inside.length = 0;
}

function itemsOf(context: StateContext, effective: Json): Json[] {
  const { ItemsPath, Items, ItemReader } = context.state;
  const read = ItemReader && context.thread.execution.test?.readerData;
  if (read) return read;
  if (context.jsonata) {
    if (Items === undefined) return list(context, context.input, 'Map state input must be an array but was: ');
    const value = fillExpressions(Items, 'Items', context.expressions());
    if (Array.isArray(value)) return value;
    if (isObject(value) && typeof Items !== 'string') return entries(value);
    const text = typeof Items === 'string' ? Items.replace(/^\{%\s*|\s*%\}$/g, '') : textOf(Items);
    const type = value === null ? 'null' : typeof value;
    throw evaluationFailure(
      `The JSONata expression '${text}' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was '${type}' for value: ${textOf(value)}`,
      'Items',
    );
  }
  const world = context.paths(effective);
  const value = ItemsPath === undefined ? effective : readWhole(ItemsPath, world);
  if (Array.isArray(value)) return value;
  if (ItemsPath === undefined) throw runtimeFailure(`Map state input must be an array but was: ${textOf(value)}`);
  throw runtimeFailure(`Reference path "${ItemsPath}" must point to array.`);
}

/** A JSON object is a list of its members. */
const entries = (value: Json): Json[] => Object.entries(value).map(([Key, Value]) => ({ Key, Value }));

function list(context: StateContext, value: Json, text: string): Json[] {
  if (Array.isArray(value)) return value;
  const message = `${text}${textOf(value)}`;
  throw context.jsonata ? evaluationFailure(message) : runtimeFailure(message);
}

function selected(context: StateContext, effective: Json, item: { Index: number; Value: Json }): Json {
  const { ItemSelector, Parameters } = context.state;
  if (context.jsonata) {
    return ItemSelector === undefined
      ? item.Value
      : fillExpressions(ItemSelector, 'ItemSelector', context.expressions({}, item));
  }
  const template = ItemSelector ?? Parameters;
  return template === undefined ? item.Value : fillTemplate(template, context.paths(effective, item));
}
