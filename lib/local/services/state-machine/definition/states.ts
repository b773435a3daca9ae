/** Checks one state. Source: Amazon States Language, one section for each state type. */
import type { Json } from '../../service';
import type { QueryLanguage } from '../interpreter/definition';
import { isObject } from '../json';
import { expressionIn } from '../query/jsonata';
import { timestampMs } from '../timestamp';
import { checkRules } from './choices';
import { allowedMembers, stateTypes } from './members';
import { checkResource } from './resources';
import type { Surroundings } from './validate';
import { checkPaths, checkTemplates } from './values';
import { checkVariables } from './variables';
import { warn } from './warnings';

type CheckInner = (program: Json, location: string, more?: Partial<Surroundings>) => void;

export function checkState(
  name: string,
  state: Json,
  location: string,
  around: Surroundings,
  names: Set<string>,
  inner: CheckInner,
): void {
  const { report, language } = around;
  const allowed = typeof state.Type === 'string' ? allowedMembers(state.Type, language) : undefined;
  if (!allowed) {
    report.error(`${location}/Type`, `State '${name}' has Type '${state.Type}'; known are ${stateTypes.join(', ')}.`);
    return;
  }
  for (const member of Object.keys(state)) {
    if (!allowed.has(member)) report.error(location, unsupported(state.Type, member, language));
  }
  const target = (next: Json, at: string): void => {
    if (typeof next !== 'string') report.error(at, 'The name of a state is missing.');
    else if (!names.has(next)) report.error(at, `Missing 'Next' target: ${next}`, 'MISSING_TRANSITION_TARGET');
  };
  if (allowed.has('Next')) checkTransition(state, location, around, target);
  if (language === 'JSONata') checkTemplates(state, location, around);
  else checkPaths(state, location, around);
  checkVariables(state, location, around);
  checkErrors(state, location, around, target);
  warn(state, location, around);
  switch (state.Type) {
    case 'Task':
      checkTask(state, location, around);
      return;
    case 'Choice':
      checkRules(state, location, around, target);
      if (state.Default !== undefined) target(state.Default, `${location}/Default`);
      return;
    case 'Wait':
      checkWait(state, location, around);
      return;
    case 'Fail':
      for (const member of ['Error', 'Cause']) {
        if (state[member] !== undefined && state[`${member}Path`] !== undefined) {
          report.error(`${location}/${member}`, `${member} and ${member}Path exclude each other.`);
        }
      }
      return;
    case 'Parallel':
      if (!Array.isArray(state.Branches) || state.Branches.length === 0) {
        report.error(`${location}/Branches`, 'Branches is a list with one program at least.');
      } else for (const [index, branch] of state.Branches.entries()) inner(branch, `${location}/Branches[${index}]`);
      return;
    case 'Map':
      checkMap(state, location, around, inner);
  }
}

/** As AWS says it; reported in github.com/floci-io/floci, issues 2735 and 2968. */
function unsupported(type: string, member: string, language: QueryLanguage): string {
  const other = language === 'JSONata' ? 'JSONPath' : 'JSONata';
  if (!allowedMembers(type, other)!.has(member)) return `Field '${member}' is not supported`;
  return `The QueryLanguage is set to '${language}', but field '${member}' is only supported for the '${other}' QueryLanguage`;
}

function checkTransition(
  state: Json,
  location: string,
  { report }: Surroundings,
  target: (next: Json, at: string) => void,
): void {
  const { Next, End } = state;
  if (End !== undefined && typeof End !== 'boolean') report.error(`${location}/End`, 'End is true or false.');
  if (Next !== undefined && End === true) report.error(location, "Only one of 'Next' and 'End' may be there.");
  if (Next !== undefined) target(Next, `${location}/Next`);
  else if (End !== true) report.error(location, "'Next' or 'End' is missing.");
}

function checkErrors(
  state: Json,
  location: string,
  { report }: Surroundings,
  target: (next: Json, at: string) => void,
): void {
  for (const member of ['Retry', 'Catch']) {
    const list = state[member];
    if (list === undefined) continue;
    if (!Array.isArray(list)) {
      report.error(`${location}/${member}`, `${member} is a list.`);
      continue;
    }
    list.forEach((one: Json, index: number) => {
      const at = `${location}/${member}[${index}]`;
      const names = one?.ErrorEquals;
      if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string')) {
        report.error(`${at}/ErrorEquals`, 'ErrorEquals is a list with one error name at least.');
        return;
      }
      if (names.includes('States.ALL') && (names.length > 1 || index < list.length - 1)) {
        report.error(`${at}/ErrorEquals`, 'States.ALL stands alone, and in the last entry.');
      }
      if (member === 'Catch') target(one.Next, `${at}/Next`);
      else checkRetrier(one, at, report);
    });
  }
}

function checkRetrier(retrier: Json, at: string, report: Surroundings['report']): void {
  const demand = (member: string, holds: (value: Json) => boolean, rule: string): void => {
    if (retrier[member] !== undefined && !holds(retrier[member]))
      report.error(`${at}/${member}`, `${member} is ${rule}.`);
  };
  demand('IntervalSeconds', (value) => Number.isInteger(value) && value > 0, 'a positive integer');
  demand(
    'MaxAttempts',
    (value) => Number.isInteger(value) && value >= 0 && value <= 99_999_999,
    'an integer from 0 to 99999999',
  );
  demand('BackoffRate', (value) => typeof value === 'number' && value >= 1, 'a number of at least 1.0');
  demand(
    'MaxDelaySeconds',
    (value) => Number.isInteger(value) && value > 0 && value <= 31_622_400,
    'an integer from 1 to 31622400',
  );
  demand('JitterStrategy', (value) => value === 'FULL' || value === 'NONE', "'FULL' or 'NONE'");
}

function checkTask(state: Json, location: string, around: Surroundings): void {
  const { report, language } = around;
  const { Resource, TimeoutSeconds, HeartbeatSeconds } = state;
  checkResource(Resource, `${location}/Resource`, around);
  for (const member of ['TimeoutSeconds', 'HeartbeatSeconds']) {
    const value = state[member];
    const expression = language === 'JSONata' && typeof value === 'string' && expressionIn(value) !== undefined;
    if (value !== undefined && !expression && !(Number.isInteger(value) && value > 0 && value <= 99_999_999)) {
      report.error(`${location}/${member}`, `${member} is an integer from 1 to 99999999.`);
    }
    if (value !== undefined && state[`${member}Path`] !== undefined) {
      report.error(`${location}/${member}`, `${member} and ${member}Path exclude each other.`);
    }
  }
  if (Number.isInteger(TimeoutSeconds) && Number.isInteger(HeartbeatSeconds) && HeartbeatSeconds >= TimeoutSeconds) {
    report.error(`${location}/HeartbeatSeconds`, 'HeartbeatSeconds is less than TimeoutSeconds.');
  }
}

function checkWait(state: Json, location: string, { report, language }: Surroundings): void {
  const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter(
    (member) => state[member] !== undefined,
  );
  if (given.length !== 1) {
    report.error(location, 'A Wait state has one of Seconds, SecondsPath, Timestamp and TimestampPath.');
    return;
  }
  const value = state[given[0]!];
  const expression = language === 'JSONata' && typeof value === 'string' && expressionIn(value) !== undefined;
  if (expression) return;
  if (given[0] === 'Seconds' && !(Number.isInteger(value) && value >= 0 && value <= 99_999_999)) {
    report.error(`${location}/Seconds`, 'Seconds is an integer from 0 to 99999999.');
  }
  if (given[0] === 'Timestamp' && timestampMs(value) === undefined) {
    report.error(`${location}/Timestamp`, `Timestamp '${value}' is no ISO 8601 time such as 2016-03-14T01:59:00Z.`);
  }
}

const tops: Record<string, [least: string, most?: number]> = {
  MaxConcurrency: ['0'],
  ToleratedFailureCount: ['0'],
  ToleratedFailurePercentage: ['0.0', 100],
};

/** Texts as AWS gives them; reported in github.com/floci-io/floci, issue 3733. */
function checkNumbers(state: Json, location: string, report: Surroundings['report']): void {
  for (const [member, [least, most]] of Object.entries(tops)) {
    const value = state[member];
    if (value !== undefined && state[`${member}Path`] !== undefined) {
      report.error(location, `There should only be one of the following fields: [${member}, ${member}Path]`);
    }
    if (typeof value !== 'number') continue;
    if (value < 0) report.error(`${location}/${member}`, `Minimum value is ${least}`);
    if (most !== undefined && value > most) report.error(`${location}/${member}`, `Maximum value is ${most}.0`);
  }
}

const labelSign = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]/u;

function checkMap(state: Json, location: string, around: Surroundings, inner: CheckInner): void {
  const { report } = around;
  const processors = ['ItemProcessor', 'Iterator'].filter((member) => state[member] !== undefined);
  if (processors.length !== 1) {
    report.error(location, "A Map state has one of 'ItemProcessor' and 'Iterator'.");
    return;
  }
  for (const member of ['ItemReader', 'ResultWriter']) {
    if (state[member] !== undefined) {
      report.error(
        `${location}/${member}`,
        `${member} (S3) is not modelled by the local runtime; give the items in the state's input.`,
      );
    }
  }
  if (state.Parameters !== undefined && state.ItemSelector !== undefined) {
    report.error(`${location}/Parameters`, 'Parameters and ItemSelector exclude each other.');
  }
  const { Label } = state;
  if (Label !== undefined && (typeof Label !== 'string' || Label.length > 40 || labelSign.test(Label))) {
    report.error(
      `${location}/Label`,
      'A Label has at most 40 characters, without spaces, wildcards, brackets, special or control characters.',
    );
  }
  const member = processors[0]!;
  const config = state[member]?.ProcessorConfig;
  const distributed = config?.Mode === 'DISTRIBUTED';
  if (isObject(config) && config.Mode !== undefined && !['INLINE', 'DISTRIBUTED'].includes(config.Mode)) {
    report.error(`${location}/${member}/ProcessorConfig/Mode`, `Mode '${config.Mode}' is none of INLINE, DISTRIBUTED.`);
  }
  if (distributed && around.type === 'EXPRESS') {
    report.error(location, 'A distributed Map is not supported in an Express state machine.');
  }
  if (!distributed && state.ItemBatcher !== undefined) {
    report.error(`${location}/ItemBatcher`, 'ItemBatcher belongs to a distributed Map.');
  }
  if (isObject(state[member]) && state[member].QueryLanguage !== undefined) {
    report.error(`${location}/${member}`, "Field 'QueryLanguage' is not supported");
  }
  checkNumbers(state, location, report);
  inner(state[member], `${location}/${member}`, distributed ? { type: config.ExecutionType ?? 'STANDARD' } : {});
}
