/**
 * TestState: one state by itself, with a mock in place of its work or with the work itself.
 *
 * Modelled: mocks, variables, the context object, inspection of data on its way (DEBUG, TRACE), retry and catch.
 * Not modelled: HTTP requests and responses (TRACE), secrets, checks of a mock's result against the API of its service.
 * Source: Step Functions API reference, TestState; developer guide, "Using TestState API to test a state".
 */
import type { Json, ServiceOptions } from '../service';
import { checkDefinition } from './definition/validate';
import { invalidDefinition, invalidInput, missing, validation } from './errors';
import { StateFailure } from './failure';
import { integrationOf } from './integrations';
import { StateContext } from './interpreter/context';
import type { Left } from './interpreter/data-flow';
import type { Program, QueryLanguage, StateDefinition } from './interpreter/definition';
import type { Engine, Flow, Thread } from './interpreter/engine';
import { type Execution, type MachineSnapshot, newExecution } from './interpreter/execution';
import { History } from './interpreter/history';
import { retryDelayMs } from './interpreter/retries';
import { catches, caught, noted, performed } from './interpreter/states';
import type { StateTest } from './interpreter/test-run';
import { isObject, parsed, textOf } from './json';

export interface StateTestRequest {
  machine: MachineSnapshot;
  test: StateTest;
  inputText: string;
  input: Json;
  variables: Record<string, Json>;
  flow: (engine: Engine, thread: Thread) => Flow<Json>;
}

/** The name that AWS gives to the state of every test. */
const stateName = 'StateName';

/** Reads and checks the request. */
export function stateTest(
  request: Json,
  { account, region }: Pick<ServiceOptions, 'account' | 'region'>,
): StateTestRequest {
  if (typeof request.definition !== 'string') throw missing('definition');
  const { state, language } = subject(request);
  const inputText = request.input ?? '{}';
  const input = json(inputText, 'input', invalidInput);
  const configuration = request.stateConfiguration ?? {};
  const test: StateTest = {
    mock: mockOf(request.mock),
    inspected: { input },
    failedIterations: configuration.mapIterationFailureCount,
    ...(request.context !== undefined ? { context: json(request.context, 'context') } : {}),
    ...(configuration.mapItemReaderData !== undefined
      ? { readerData: json(configuration.mapItemReaderData, 'mapItemReaderData') }
      : {}),
  };
  demandMock(state, test);
  const variables = request.variables === undefined ? {} : json(request.variables, 'variables');
  if (request.variables !== undefined) test.inspected.variables = variables;
  const retries = configuration.retrierRetryCount ?? 0;
  const name = 'test';
  return {
    machine: {
      arn: `arn:aws:states:${region}:${account}:stateMachine:${name}`,
      name,
      roleArn: request.roleArn ?? null,
      type: 'EXPRESS',
      definition: request.definition,
      program: { StartAt: stateName, States: { [stateName]: state } },
      updatedMs: 0,
    },
    test,
    inputText,
    input,
    variables,
    flow: (engine, thread) =>
      tested(
        new StateContext(engine, thread, stateName, state, language, language, input),
        test,
        retries,
        request.inspectionLevel,
      ),
  };
}

/** Answers at once where it needs no one else; else to `requestId`. */
export function startTest(
  engine: Engine,
  given: StateTestRequest & Pick<Execution, 'arn' | 'name' | 'random'>,
  requestId: string,
): Json | undefined {
  const { flow, variables, ...known } = given;
  const history = new History('free', engine);
  const execution = newExecution({ ...known, startMs: engine.now, history });
  history.add('ExecutionStarted', 0);
  execution.scope.set(variables);
  engine.spawn({ execution, scope: execution.scope, last: 0, flow: (thread) => flow(engine, thread) });
  if (known.test.answer !== undefined) return known.test.answer;
  execution.requestId = requestId;
  return undefined;
}

function* tested(context: StateContext, test: StateTest, retries: number, level: string | undefined): Flow<Json> {
  const { state } = context;
  context.retryCount = retries;
  context.enteredId = context.thread.execution.history.add(`${state.Type}StateEntered`, 0);
  let answer: Json;
  try {
    answer = succeeded(yield* performed(context));
  } catch (thrown) {
    if (!(thrown instanceof StateFailure)) throw thrown;
    noted(context, thrown);
    answer = failedAnswer(context, thrown, test, retries);
  }
  return level === 'DEBUG' || level === 'TRACE' ? { ...answer, inspectionData: shown(test.inspected) } : answer;
}

const succeeded = ({ output, next }: Left & { next?: string }): Json => ({
  status: 'SUCCEEDED',
  output: textOf(output),
  ...(next !== undefined ? { nextState: next } : {}),
});

function failedAnswer(context: StateContext, failure: StateFailure, test: StateTest, retries: number): Json {
  const { error, cause: reason } = failure;
  const answer = { error, cause: reason };
  const retriers: Json[] = context.state.Retry ?? [];
  const retryIndex = failure.catchable ? retriers.findIndex((one) => catches(one.ErrorEquals, failure)) : -1;
  const retrier = retriers[retryIndex];
  if (retrier && retries < (retrier.MaxAttempts ?? 3)) {
    test.inspected.errorDetails = { retryIndex, retryBackoffIntervalSeconds: retryDelayMs(retrier, retries) / 1000 };
    return { status: 'RETRIABLE', ...answer };
  }
  const step = caught(context, failure);
  if (!step) return { status: 'FAILED', ...answer };
  const catchers: Json[] = context.state.Catch;
  test.inspected.errorDetails = { catchIndex: catchers.findIndex((one) => catches(one.ErrorEquals, failure)) };
  return { ...succeeded(step), ...answer, status: 'CAUGHT_ERROR' };
}

const asIs = new Set(['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage', 'errorDetails']);

/** Payloads as JSON texts. */
const shown = (inspected: Record<string, Json>): Json =>
  Object.fromEntries(Object.entries(inspected).map(([name, value]) => [name, asIs.has(name) ? value : textOf(value)]));

/** The state that is meant: the definition itself, or one of a whole machine's by its name. */
function subject({ definition, stateName: wanted }: Json): { state: StateDefinition; language: QueryLanguage } {
  const read = parsed(definition)?.value;
  if (!isObject(read)) throw invalidDefinition('Invalid State Machine Definition: it is no JSON object');
  const whole = isObject(read.States);
  const program: Program = whole ? read : { StartAt: stateName, States: { [stateName]: read } };
  // A single state leads to states that are not there; readers are mocked.
  const ignored = whole ? [] : ['MISSING_TRANSITION_TARGET', 'MISSING_END_STATE'];
  const { diagnostics } = checkDefinition(JSON.stringify(program), 'STANDARD');
  const errors = diagnostics.filter(
    ({ severity, code, location = '' }) =>
      severity === 'ERROR' && !ignored.includes(code) && !/\/(ItemReader|ResultWriter)$/.test(location),
  );
  if (errors.length > 0) {
    const list = errors.map(({ code, message, location }) => `${code}: ${message} at ${location ?? null}`).join(', ');
    throw invalidDefinition(`Invalid State Machine Definition: '${list}'`);
  }
  if (whole && wanted === undefined) throw validation('stateName is missing: the definition is a whole state machine.');
  const language = program.QueryLanguage ?? 'JSONPath';
  const state = whole ? findState(program, wanted) : read;
  if (!state) throw validation(`The state '${wanted}' is not in the definition.`);
  return { state, language: state.QueryLanguage ?? language };
}

function findState(program: Program, name: string): StateDefinition | undefined {
  if (Object.hasOwn(program.States, name)) return program.States[name];
  for (const state of Object.values(program.States)) {
    const inner: Program[] = [...(state.Branches ?? []), state.ItemProcessor ?? state.Iterator].filter(Boolean);
    for (const one of inner) {
      const found = findState(one, name);
      if (found) return found;
    }
  }
  return undefined;
}

function mockOf(mock: Json): StateTest['mock'] {
  if (mock === undefined || mock === null) return undefined;
  const { result, errorOutput } = mock;
  if ((result === undefined) === (errorOutput === undefined)) {
    throw validation('A mock has either a result or an errorOutput.');
  }
  if (errorOutput !== undefined) return { error: errorOutput.error, cause: errorOutput.cause };
  return { result: json(result, 'mock.result') };
}

/** What can not be run by itself needs a mock; what has no work of its own can have none. */
function demandMock({ Type, Resource }: StateDefinition, { mock }: StateTest): void {
  const group = Type === 'Map' || Type === 'Parallel';
  if (mock && !group && Type !== 'Task') {
    throw validation(`State type '${Type}' is not supported when a mock is specified`);
  }
  if (mock || !(group || Type === 'Task')) return;
  if (group) throw validation(`State type '${Type}' is not supported when a mock is not specified`);
  const pattern = integrationOf(Resource)?.pattern;
  if (pattern !== 'response') {
    throw validation(`The resource '${Resource}' is tested with a mock only: activities, .sync and .waitForTaskToken.`);
  }
}

function json(text: unknown, member: string, refusal: (message: string) => Error = validation): Json {
  const read = typeof text === 'string' ? parsed(text) : undefined;
  if (!read) throw refusal(`'${member}' is no JSON text: '${String(text).slice(0, 100)}'`);
  return read.value;
}
