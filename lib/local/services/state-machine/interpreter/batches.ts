/** ItemBatcher: several items for one child execution. Source: Step Functions developer guide, "ItemBatcher (Map)". */
import type { Json } from '../../service';
import { textOf } from '../json';
import { fillExpressions } from '../query/expression-values';
import { fillTemplate, readWhole } from '../query/path-values';
import type { StateContext } from './context';

const mostBytes = 262_144;

/** Inputs { Items, BatchInput? } of at most MaxItemsPerBatch items and MaxInputBytesPerBatch bytes. */
export function batched(context: StateContext, effective: Json, items: Json[]): Json[] {
  const batcher: Json = context.state.ItemBatcher;
  const number = (name: string): number => {
    const path = batcher[`${name}Path`];
    if (path !== undefined) return readWhole(path, context.paths(effective));
    const value = batcher[name];
    return (context.jsonata ? fillExpressions(value, name, context.expressions()) : value) ?? Number.POSITIVE_INFINITY;
  };
  const mostItems = number('MaxItemsPerBatch');
  const most = Math.min(number('MaxInputBytesPerBatch'), mostBytes);
  const shared =
    batcher.BatchInput === undefined
      ? undefined
      : context.jsonata
        ? fillExpressions(batcher.BatchInput, 'BatchInput', context.expressions())
        : fillTemplate(batcher.BatchInput, context.paths(effective));
  const input = (part: Json[]): Json => ({ ...(shared !== undefined ? { BatchInput: shared } : {}), Items: part });
  const batches: Json[] = [];
  let part: Json[] = [];
  for (const item of items) {
    const full = part.length >= mostItems || Buffer.byteLength(textOf(input([...part, item]))) > most;
    if (part.length > 0 && full) {
      batches.push(input(part));
      part = [];
    }
    part.push(item);
  }
  if (part.length > 0) batches.push(input(part));
  return batches;
}
