/**
 * Checks a definition before any execution sees it: members, types, transitions, paths, expressions, resources.
 *
 * 1. A definition without findings can be run: every transition leads to a state of the same program.
 * Not modelled: ItemReader and ResultWriter (S3), which are refused here by name.
 * Source: Amazon States Language; Step Functions API reference, ValidateStateMachineDefinition.
 */
import type { Json } from '../../service';
import type { Program, QueryLanguage } from '../interpreter/definition';
import { isObject, parsed } from '../json';
import { type Diagnostic, Diagnostics } from './diagnostics';
import { checkEnd, checkReached } from './graph';
import { checkState } from './states';

export interface Checked {
  program?: Program;
  diagnostics: Diagnostic[];
}

const mostBytes = 1_048_576;

/** Those without findings, by type and text: each world of a simulation creates the same machines. */
const faultless = new Set<string>();
const mostKept = 64;

export function checkDefinition(text: string, type: 'STANDARD' | 'EXPRESS'): Checked {
  const report = new Diagnostics();
  if (text.trim() === '') {
    report.error('/', 'The definition is empty.', 'MISSING_DESCRIPTION');
    return { diagnostics: report.found };
  }
  const read = Buffer.byteLength(text) > mostBytes ? undefined : parsed(text);
  if (!read || !isObject(read.value)) {
    const message = read ? 'The definition is no JSON object.' : 'The definition is no JSON.';
    return { diagnostics: [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message, location: '/' }] };
  }
  const key = `${type} ${text}`;
  if (!faultless.has(key)) {
    checkProgram(read.value, '', { report, type, language: 'JSONPath', names: new Set() });
    if (report.found.length === 0 && faultless.size < mostKept) faultless.add(key);
  }
  return { program: read.value, diagnostics: report.found };
}

export interface Surroundings {
  report: Diagnostics;
  type: 'STANDARD' | 'EXPRESS';
  language: QueryLanguage;
  /** State names of the whole definition: each is used once. */
  names: Set<string>;
}

const languages = ['JSONPath', 'JSONata'];
const programMembers = [
  'StartAt',
  'States',
  'Comment',
  'Version',
  'TimeoutSeconds',
  'QueryLanguage',
  'ProcessorConfig',
];

export function checkProgram(program: Json, location: string, around: Surroundings): void {
  const { report } = around;
  const errors = report.found.length;
  if (!isObject(program)) {
    report.error(location, 'A program is an object with StartAt and States.');
    return;
  }
  for (const name of Object.keys(program)) {
    if (!programMembers.includes(name)) report.error(location || '/', `Field '${name}' is not supported`);
  }
  const language = languageOf(program, location, around);
  if (
    program.TimeoutSeconds !== undefined &&
    !(Number.isInteger(program.TimeoutSeconds) && program.TimeoutSeconds > 0)
  ) {
    report.error(`${location}/TimeoutSeconds`, 'TimeoutSeconds is a positive integer.');
  }
  const { States, StartAt } = program;
  if (typeof StartAt !== 'string')
    report.error(`${location}/StartAt`, "Missing or invalid field 'StartAt': a state's name.");
  if (!isObject(States) || Object.keys(States).length === 0) {
    report.error(`${location}/States`, "Missing or invalid field 'States': an object with one state at least.");
    return;
  }
  if (typeof StartAt === 'string' && !Object.hasOwn(States, StartAt)) {
    report.error(`${location}/StartAt`, `Missing 'Next' target: ${StartAt}`, 'MISSING_TRANSITION_TARGET');
  }
  for (const [name, state] of Object.entries(States)) {
    const at = `${location}/States/${name}`;
    if (name.length > 80) report.error(at, 'A state name has at most 80 characters.', 'INVALID_STATE_NAME');
    if (around.names.has(name)) report.error(at, `The state name '${name}' is used twice.`, 'DUPLICATE_STATE_NAME');
    around.names.add(name);
    if (!isObject(state)) {
      report.error(at, 'A state is an object.');
      continue;
    }
    const own = languageOf(state, at, { ...around, language });
    checkState(name, state, at, { ...around, language: own }, new Set(Object.keys(States)), (inner, where, config) =>
      checkProgram(inner, where, { ...around, language, ...config }),
    );
  }
  if (report.found.slice(errors).some(({ code }) => code !== 'MISSING_TRANSITION_TARGET')) return;
  const outermost = location === '';
  if (outermost && !checkEnd(States, report)) return;
  if (Object.hasOwn(States, StartAt)) checkReached(StartAt, States, location, report);
}

/** A machine in JSONata has nothing in JSONPath; in one in JSONPath each state may have its own. */
function languageOf(owner: Json, location: string, { language, report }: Surroundings): QueryLanguage {
  const own = owner.QueryLanguage;
  if (own === undefined) return language;
  if (!languages.includes(own)) {
    report.error(`${location}/QueryLanguage`, `QueryLanguage '${own}' is none of ${languages.join(', ')}.`);
    return language;
  }
  if (own === 'JSONPath' && language === 'JSONata') {
    report.error(location, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  }
  return own;
}
