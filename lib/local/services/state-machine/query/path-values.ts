/**
 * The JSONPath side of a state: what a path, an intrinsic function or a payload template gives.
 * Source: Amazon States Language, "Paths", "Payload Template".
 */
import type { Random } from '../../../ports';
import type { Json } from '../../service';
import { runtimeFailure, StateFailure } from '../failure';
import { textOf } from '../json';
import { select, valueAt } from '../paths/evaluate';
import { type Path, PathSyntaxError, parsePath, type Step } from '../paths/parse';
import { evaluateIntrinsic, IntrinsicError, isIntrinsic, parseIntrinsic } from './intrinsics';
import type { Scope } from './scope';

export interface PathWorld {
  /** What '$' means. */
  data: Json;
  /** What '$$' means. */
  context: Json;
  variables: Scope;
  random: Random;
}

function parse(text: string): Path {
  try {
    return parsePath(text);
  } catch (thrown) {
    if (thrown instanceof PathSyntaxError) throw runtimeFailure(thrown.message);
    throw thrown;
  }
}

function rootOf(path: Path, world: PathWorld): Json {
  if (path.root === '$') return world.data;
  return path.root === '$$' ? world.context : world.variables.get(path.root);
}

/** undefined where nothing is there. */
export function peekPath(text: string, world: PathWorld): Json {
  const path = parse(text);
  const root = rootOf(path, world);
  return root === undefined ? undefined : valueAt(path, root);
}

/** Whether a path leads anywhere. */
export function pathLeads(text: string, world: PathWorld): boolean {
  const path = parse(text);
  const root = rootOf(path, world);
  return root !== undefined && select(path, root).length > 0;
}

/** Fails with States.Runtime where nothing is there. */
export function readPath(text: string, field: string, world: PathWorld): Json {
  const value = peekPath(text, world);
  if (value !== undefined) return value;
  throw runtimeFailure(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${textOf(world.data)}'`,
  );
}

/** A path in a field of the state's own: InputPath, ItemsPath, TimeoutSecondsPath, ... */
export function readWhole(text: string, world: PathWorld): Json {
  const value = peekPath(text, world);
  if (value !== undefined) return value;
  throw runtimeFailure(`Invalid path '${text}' : ${whereMissing(text, world)}`);
}

/** The last step leads nowhere, or one before it. */
function whereMissing(text: string, world: PathWorld): string {
  const path = parse(text);
  const root = rootOf(path, world);
  const at = path.steps.findIndex(
    (_, index) => select({ ...path, steps: path.steps.slice(0, index + 1) }, root).length === 0,
  );
  const last = at === path.steps.length - 1;
  return last
    ? `No results for path: ${shown(path.steps)}`
    : `Missing property in path ${shown(path.steps.slice(0, at + 1))}`;
}

const shown = (steps: Step[]): string =>
  `$${steps.map((step) => (step.kind === 'names' ? `['${step.names.join("','")}']` : step.kind === 'indices' ? `[${step.indices}]` : '')).join('')}`;

/** A path or an intrinsic function in a template. */
export function readExpression(text: string, field: string, world: PathWorld): Json {
  if (!isIntrinsic(text)) return readPath(text, field, world);
  return readIntrinsic(text, field, world);
}

/** The same in a field of the state's own, such as CausePath. */
export const readOwn = (text: string, field: string, world: PathWorld): Json =>
  isIntrinsic(text) ? readIntrinsic(text, field, world) : readWhole(text, world);

function readIntrinsic(text: string, field: string, world: PathWorld): Json {
  try {
    return evaluateIntrinsic(parseIntrinsic(text), (path) => readPath(path, field, world), world.random);
  } catch (thrown) {
    if (thrown instanceof IntrinsicError)
      throw new StateFailure('States.IntrinsicFailure', thrown.message, { internal: true });
    throw thrown;
  }
}

/** Members whose names end in '.$' are replaced by what their value says; the rest stands as it is. */
export function fillTemplate(template: Json, world: PathWorld): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, world));
  if (typeof template !== 'object' || template === null) return template;
  const filled: Record<string, Json> = {};
  for (const [name, value] of Object.entries(template)) {
    if (name.endsWith('.$') && typeof value === 'string')
      filled[name.slice(0, -2)] = readExpression(value, name, world);
    else filled[name] = fillTemplate(value, world);
  }
  return filled;
}
