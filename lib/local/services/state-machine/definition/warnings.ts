/**
 * What runs, and is probably not meant: reported by ValidateStateMachineDefinition where warnings are asked for.
 * Source: Step Functions API reference, ValidateStateMachineDefinitionDiagnostic, "List of warning codes".
 */
import type { Json } from '../../service';
import type { Surroundings } from './validate';

/** Reads like a path or like a call of an intrinsic function. */
const pathLike = /^(\$(\$|[\p{ID_Start}_][\p{ID_Continue}]*)?([.[].*)?|States\.\w+\(.*\))$/su;
const looksLikePath = (value: Json): boolean => typeof value === 'string' && pathLike.test(value);

export function warn(state: Json, location: string, { report, language }: Surroundings): void {
  if (language !== 'JSONPath') return;
  for (const member of ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign']) {
    each(state[member], `${location}/${member}`, (name, value, at) => {
      if (!name.endsWith('.$') && looksLikePath(value)) {
        report.warning(
          at,
          `The value of '${name}' looks like a path, but the name does not end with '.$'.`,
          'NO_DOLLAR',
        );
      }
    });
  }
  for (const [member, value] of Object.entries<Json>(state)) {
    if (!member.endsWith('Path') && member !== 'Comment' && looksLikePath(value)) {
      report.warning(`${location}/${member}`, `'${member}' looks like a path; is ${member}Path meant?`, 'NO_PATH');
    }
  }
  if (state.Type !== 'Pass') return;
  each({ Result: state.Result }, location, (name, value, at) => {
    if (name.endsWith('.$') || looksLikePath(value)) {
      report.warning(
        at,
        'The Result of a Pass state is given as it is: no path in it is read.',
        'PASS_RESULT_IS_STATIC',
      );
    }
  });
}

function each(value: Json, location: string, look: (name: string, value: Json, at: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries<Json>(value)) {
    const at = Array.isArray(value) ? `${location}[${name}]` : `${location}/${name}`;
    look(name, item, at);
    each(item, at, look);
  }
}
