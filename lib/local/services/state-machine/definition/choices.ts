/** Checks the rules of a Choice state. Source: Amazon States Language, "Choice Rule", "Data-Test Expression". */
import type { Json } from '../../service';
import { tests } from '../interpreter/choice';
import { isObject } from '../json';
import type { Surroundings } from './validate';
import { checkPath } from './values';

export function checkRules(
  state: Json,
  location: string,
  around: Surroundings,
  target: (next: Json, at: string) => void,
): void {
  const { report, language } = around;
  if (!Array.isArray(state.Choices) || state.Choices.length === 0) {
    report.error(`${location}/Choices`, 'Choices is a list with one rule at least.');
    return;
  }
  state.Choices.forEach((rule: Json, index: number) => {
    const at = `${location}/Choices[${index}]`;
    if (!isObject(rule)) {
      report.error(at, 'A rule is an object.');
      return;
    }
    target(rule.Next, `${at}/Next`);
    if (language === 'JSONata') {
      if (rule.Condition === undefined) report.error(`${at}/Condition`, 'A rule in JSONata has a Condition.');
    } else checkTest(rule, at, around);
  });
}

function checkTest(rule: Json, at: string, around: Surroundings): void {
  const { report } = around;
  if (!isObject(rule)) {
    report.error(at, 'A rule is an object.');
    return;
  }
  for (const member of ['And', 'Or']) {
    if (rule[member] === undefined) continue;
    if (!Array.isArray(rule[member]) || rule[member].length === 0)
      report.error(`${at}/${member}`, `${member} is a list of rules.`);
    else for (const [index, one] of rule[member].entries()) checkTest(one, `${at}/${member}[${index}]`, around);
    return;
  }
  if (rule.Not !== undefined) {
    checkTest(rule.Not, `${at}/Not`, around);
    return;
  }
  if (typeof rule.Variable !== 'string') {
    report.error(`${at}/Variable`, 'A rule has a Variable: a path.');
    return;
  }
  checkPath(rule.Variable, `${at}/Variable`, around);
  const operators = Object.keys(rule).filter((name) => !['Variable', 'Next', 'Comment', 'Assign'].includes(name));
  const known = (name: string): boolean =>
    Object.hasOwn(tests, name) ||
    (name.endsWith('Path') && !name.startsWith('Is') && Object.hasOwn(tests, name.slice(0, -4)));
  if (operators.length !== 1 || !known(operators[0]!)) {
    report.error(at, `A rule has one comparison; here: ${operators.join(', ') || 'none'}.`);
  } else if (operators[0]!.endsWith('Path')) checkPath(rule[operators[0]!], `${at}/${operators[0]}`, around);
}
