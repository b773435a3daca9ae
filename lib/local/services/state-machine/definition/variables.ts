/** The names that Assign gives. Source: Step Functions developer guide, "Passing data between states with variables". */
import type { Json } from '../../service';
import { isObject } from '../json';
import type { Surroundings } from './validate';

const longest = 80;
const shape = /^[\p{ID_Start}_][\p{ID_Continue}\u200c\u200d]*$/u;

/** Of a state, its choice rules and its catchers. */
export function checkVariables(state: Json, location: string, { report, language }: Surroundings): void {
  const owners: [owner: Json, at: string][] = [[state, location]];
  for (const member of ['Choices', 'Catch']) {
    const list = state[member];
    if (Array.isArray(list))
      owners.push(...list.map((one, index): [Json, string] => [one, `${location}/${member}[${index}]`]));
  }
  for (const [owner, at] of owners) {
    const assign = owner?.Assign;
    if (assign === undefined) continue;
    if (!isObject(assign)) {
      report.error(`${at}/Assign`, 'Assign is an object: the names of variables, and their values.');
      continue;
    }
    for (const given of Object.keys(assign)) {
      const name = language === 'JSONPath' ? given.replace(/\.\$$/, '') : given;
      if (name === 'states')
        report.error(`${at}/Assign/${given}`, "'states' is reserved: no variable can have this name.");
      else if (name.length > longest || !shape.test(name)) {
        report.error(
          `${at}/Assign/${given}`,
          `The variable name '${name}' is not allowed: at most ${longest} letters, digits and underscores, beginning with no digit.`,
        );
      }
    }
  }
}
