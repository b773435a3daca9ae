/** Checks paths, payload templates and expressions. */
import type { Json } from '../../service';
import { isReferencePath, PathSyntaxError, parsePath } from '../paths/parse';
import { IntrinsicError, isIntrinsic, parseIntrinsic } from '../query/intrinsics';
import { expressionIn } from '../query/jsonata';
import { checkExpression } from './expressions';
import type { Surroundings } from './validate';

export function checkPath(text: Json, location: string, { report }: Surroundings): void {
  try {
    if (typeof text !== 'string') throw new PathSyntaxError(`Invalid path '${JSON.stringify(text)}': a path is a text`);
    if (isIntrinsic(text)) parseIntrinsic(text);
    else parsePath(text);
  } catch (thrown) {
    if (!(thrown instanceof PathSyntaxError) && !(thrown instanceof IntrinsicError)) throw thrown;
    report.error(location, thrown.message);
  }
}

/** Every path of a state in JSONPath. */
export function checkPaths(state: Json, location: string, around: Surroundings): void {
  for (const [member, value] of Object.entries<Json>(state)) {
    const at = `${location}/${member}`;
    if (member === 'ResultPath') {
      if (value !== null) checkReference(value, at, around);
    } else if (/Path$/.test(member)) {
      if (value !== null) checkPath(value, at, around);
    } else if (['Parameters', 'ResultSelector', 'Assign', 'ItemSelector'].includes(member))
      checkTemplate(value, at, around);
  }
}

function checkReference(text: Json, location: string, around: Surroundings): void {
  const before = around.report.found.length;
  checkPath(text, location, around);
  if (around.report.found.length > before) return;
  if (!isReferencePath(parsePath(text)))
    around.report.error(location, `ResultPath '${text}' names more than one place.`);
}

function checkTemplate(value: Json, location: string, around: Surroundings): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries<Json>(value)) {
    const at = Array.isArray(value) ? `${location}[${name}]` : `${location}/${name}`;
    if (!name.endsWith('.$')) checkTemplate(item, at, around);
    else if (typeof item !== 'string' || !/^(\$|States\.)/.test(item)) {
      around.report.error(
        at,
        `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call.`,
      );
    } else checkPath(item, at, around);
  }
}

/** Improperly opened or closed. Source: Step Functions developer guide, "Writing JSONata expressions". */
const halfOpen = (text: string): boolean => /^\s*\{%|%\}\s*$/.test(text);

const programs = new Set(['Branches', 'ItemProcessor', 'Iterator']);

/** Every expression of a state in JSONata. */
export function checkTemplates(value: Json, location: string, around: Surroundings): void {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    if (expression === undefined) {
      if (halfOpen(value)) {
        around.report.error(
          location,
          `'${value}' is no expression: it begins with '{%' and ends with '%}', without spaces outside.`,
        );
      }
      return;
    }
    checkExpression(expression, location, around.report);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries<Json>(value)) {
    if (!programs.has(name) && name !== 'Comment')
      checkTemplates(item, Array.isArray(value) ? `${location}[${name}]` : `${location}/${name}`, around);
  }
}
