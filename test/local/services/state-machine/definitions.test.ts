/** Source: Amazon States Language; Step Functions API reference, ValidateStateMachineDefinition. */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, only } from './harness';

const findings = (definition: Json, type = 'STANDARD'): string[] => {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const { result, diagnostics } = new Harness().must('ValidateStateMachineDefinition', { definition: text, type });
  // Errors only, unless warnings are asked for.
  expect(result).toBe(diagnostics.length > 0 ? 'FAIL' : 'OK');
  return diagnostics.map(({ code, location }: Json) => `${code} ${location}`);
};

const schema = (location: string): string => `SCHEMA_VALIDATION_FAILED ${location}`;
const task = (more: Json = {}): Json => ({ Type: 'Task', Resource: functionArn, ...more });
const map = (more: Json = {}, processor: Json = {}): Json =>
  only({
    Type: 'Map',
    ItemProcessor: {
      ...only({ Type: 'Pass' }, { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } }),
      ...processor,
    },
    ...more,
  });

test.each<[string, Json, string[]]>([
  ['what is right', only({ Type: 'Pass' }), []],
  ['no JSON', '{', ['INVALID_JSON_DESCRIPTION /']],
  ['no object', '[]', ['INVALID_JSON_DESCRIPTION /']],
  ['no StartAt', { States: { S: { Type: 'Succeed' } } }, [schema('/StartAt')]],
  ['StartAt of no state', { StartAt: 'X', States: { S: { Type: 'Succeed' } } }, ['MISSING_TRANSITION_TARGET /StartAt']],
  ['no states', { StartAt: 'S', States: {} }, [schema('/States')]],
  ['an unknown type', only({ Type: 'Sleep' }), [schema('/States/S/Type')]],
  ['an unknown field', only({ Type: 'Pass', Params: 1 }), [schema('/States/S')]],
  ['a field of the other language', only({ Type: 'Pass', Output: 1 }), [schema('/States/S')]],
  [
    'Next of no state',
    { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'X' } } },
    ['MISSING_TRANSITION_TARGET /States/S/Next', 'MISSING_END_STATE undefined'],
  ],
  ['neither Next nor End', { StartAt: 'S', States: { S: { Type: 'Pass' } } }, [schema('/States/S')]],
  ['both', { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'S', End: true } } }, [schema('/States/S')]],
  ['a broken path', only({ Type: 'Pass', InputPath: '$.a[' }), [schema('/States/S/InputPath')]],
  ['a ResultPath to many places', only({ Type: 'Pass', ResultPath: '$.a[*]' }), [schema('/States/S/ResultPath')]],
  [
    'a text where a path must be',
    only({ Type: 'Pass', Parameters: { 'a.$': 'b' } }),
    [schema('/States/S/Parameters/a.$')],
  ],
  [
    'an unknown function',
    only({ Type: 'Pass', Parameters: { 'a.$': 'States.No()' } }),
    [schema('/States/S/Parameters/a.$')],
  ],
  [
    'a broken expression',
    only({ Type: 'Pass', Output: '{% 1 + %}' }, { QueryLanguage: 'JSONata' }),
    ['INVALID_JSONATA_EXPRESSION /States/S/Output'],
  ],
  [
    'JSONPath in a machine in JSONata',
    only({ Type: 'Pass', QueryLanguage: 'JSONPath' }, { QueryLanguage: 'JSONata' }),
    [schema('/States/S')],
  ],
  [
    'States.ALL with others',
    only(task({ Retry: [{ ErrorEquals: ['States.ALL', 'A'] }] })),
    [schema('/States/S/Retry[0]/ErrorEquals')],
  ],
  [
    'States.ALL before others',
    only(
      task({
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'S' },
          { ErrorEquals: ['A'], Next: 'S' },
        ],
      }),
    ),
    [schema('/States/S/Catch[0]/ErrorEquals')],
  ],
  [
    'a catcher to no state',
    only(task({ Catch: [{ ErrorEquals: ['A'], Next: 'X' }] })),
    ['MISSING_TRANSITION_TARGET /States/S/Catch[0]/Next'],
  ],
  [
    'a rate below 1',
    only(task({ Retry: [{ ErrorEquals: ['A'], BackoffRate: 0.5 }] })),
    [schema('/States/S/Retry[0]/BackoffRate')],
  ],
  [
    'a heartbeat as long as the time',
    only(task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
    [schema('/States/S/HeartbeatSeconds')],
  ],
  ['a resource that is no ARN', only({ Type: 'Task', Resource: 'work' }), [schema('/States/S/Resource')]],
  [
    'an action that the integration has not',
    only({ Type: 'Task', Resource: 'arn:aws:states:::dynamodb:query' }),
    [schema('/States/S/Resource')],
  ],
  ['no rule', only({ Type: 'Choice', Choices: [] }), [schema('/States/S/Choices')]],
  [
    'two comparisons in a rule',
    only({ Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, IsString: true, Next: 'S' }] }),
    [schema('/States/S/Choices[0]')],
  ],
  ['two times to wait for', only({ Type: 'Wait', Seconds: 1, SecondsPath: '$.s' }), [schema('/States/S')]],
  [
    'a timestamp without a zone',
    only({ Type: 'Wait', Timestamp: '2020-01-01T00:00:00' }),
    [schema('/States/S/Timestamp')],
  ],
  ['no branches', only({ Type: 'Parallel', Branches: [] }), [schema('/States/S/Branches')]],
  [
    'inside a branch',
    only({
      Type: 'Parallel',
      Branches: [
        only(
          { Type: 'Pass', InputPath: 'x' },
          { StartAt: 'B', States: { B: { Type: 'Pass', InputPath: 'x', End: true } } },
        ),
      ],
    }),
    [schema('/States/S/Branches[0]/States/B/InputPath')],
  ],
  [
    'a label with a star',
    map({ Label: 'a*' }, { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }),
    [schema('/States/S/Label')],
  ],
  [
    'a state name used twice',
    only({ Type: 'Parallel', Branches: [only({ Type: 'Pass' })] }),
    ['DUPLICATE_STATE_NAME /States/S/Branches[0]/States/S'],
  ],
])('%s', (_name, definition, expected) => {
  expect(findings(definition)).toEqual(expected);
});

test.each(['sqs:sendMessage.waitForTaskToken', 'states:startExecution.sync'])('%s is not for Express', (name) => {
  const definition = only({ Type: 'Task', Resource: `arn:aws:states:::${name}`, Parameters: {} });
  expect(findings(definition, 'EXPRESS')).toEqual([schema('/States/S/Resource')]);
  expect(findings(definition)).toEqual([]);
});

test('the refusal of a definition says what and where', () => {
  const { error } = new Harness().ask('CreateStateMachine', {
    name: 'a',
    roleArn: 'arn:aws:iam::123456789012:role/r',
    definition: JSON.stringify({ StartAt: 'S', States: { S: { Type: 'Pass', Next: 'X' } } }),
  });
  expect(error).toEqual({
    name: 'InvalidDefinition',
    message:
      "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/Next, MISSING_END_STATE: Workflow has no terminal state at null'",
  });
});

const pass = (Next?: string): Json => ({ Type: 'Pass', ...(Next === undefined ? { End: true } : { Next }) });
const jsonata = (Output: Json, more: Json = {}): Json =>
  only({ Type: 'Pass', Output, ...more }, { QueryLanguage: 'JSONata' });
const catching = (Output: string): Json => ({
  QueryLanguage: 'JSONata',
  StartAt: 'S',
  States: {
    S: { Type: 'Task', Resource: functionArn, Catch: [{ ErrorEquals: ['A'], Output, Next: 'B' }], End: true },
    B: pass(),
  },
});
const using = (Resource: string): Json =>
  only({ Type: 'Task', Resource: `arn:aws:states:::${Resource}`, Parameters: {} });

/** Code, place and text; the texts are AWS's own (definition/graph.ts and its neighbours say where they are reported). */
test.each<[string, Json, string]>([
  [
    'a loop without an end',
    { StartAt: 'A', States: { A: pass('B'), B: pass('A') } },
    'MISSING_END_STATE null Workflow has no terminal state',
  ],
  [
    'the same with a state that nothing leads to, which could end',
    { StartAt: 'A', States: { A: pass('B'), B: pass('A'), C: pass() } },
    'MISSING_TRANSITION_TARGET /States/C State "C" is not reachable.',
  ],
  [
    'a field of no state',
    only({ Type: 'Parallel', TimeoutSeconds: 5, Branches: [{ StartAt: 'A', States: { A: pass() } }] }),
    "SCHEMA_VALIDATION_FAILED /States/S Field 'TimeoutSeconds' is not supported",
  ],
  [
    'a catcher on a Pass',
    only({ Type: 'Pass', Catch: [] }),
    "SCHEMA_VALIDATION_FAILED /States/S Field 'Catch' is not supported",
  ],
  [
    'JSONata without saying so',
    only({ Type: 'Pass', Output: {} }),
    "SCHEMA_VALIDATION_FAILED /States/S The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
  ],
  [
    'JSONPath in JSONata',
    only({ Type: 'Pass', InputPath: '$' }, { QueryLanguage: 'JSONata' }),
    "SCHEMA_VALIDATION_FAILED /States/S The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
  ],
  [
    'a language of the processor',
    map({}, { QueryLanguage: 'JSONata' }),
    "SCHEMA_VALIDATION_FAILED /States/S/ItemProcessor Field 'QueryLanguage' is not supported",
  ],
  [
    'a number and its path',
    map({ MaxConcurrency: 1, MaxConcurrencyPath: '$.n' }),
    'SCHEMA_VALIDATION_FAILED /States/S There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath]',
  ],
  [
    'a negative number',
    map({ ToleratedFailureCount: -1 }),
    'SCHEMA_VALIDATION_FAILED /States/S/ToleratedFailureCount Minimum value is 0',
  ],
  [
    'a share above all',
    map({ ToleratedFailurePercentage: 101 }),
    'SCHEMA_VALIDATION_FAILED /States/S/ToleratedFailurePercentage Maximum value is 100.0',
  ],
  [
    'an expression that is none',
    jsonata('{% a[1,2) %}'),
    'INVALID_JSONATA_EXPRESSION /States/S/Output Expected "]", got ","',
  ],
  [
    'a name of nothing',
    jsonata({ v: '{% phone %}' }),
    "UNSUPPORTED_JSONATA_EXPRESSION /States/S/Output/v Reference to 'phone' at the top level is not supported.",
  ],
  [
    'a name of nothing within a call',
    jsonata('{% $count(phones.number) + 1 %}'),
    "UNSUPPORTED_JSONATA_EXPRESSION /States/S/Output Reference to 'phones' at the top level is not supported.",
  ],
  [
    'the context item',
    jsonata('{% $$ %}'),
    "UNSUPPORTED_JSONATA_EXPRESSION /States/S/Output Reference to '$$' at the top level is not supported.",
  ],
  [
    'an error where none is',
    jsonata('{% $states.errorOutput.Error %}'),
    "UNSUPPORTED_JSONATA_EXPRESSION /States/S/Output Reference to '$states.errorOutput' at the top level is not supported.",
  ],
])('%s, in the words of AWS', (_name, definition, expected) => {
  const { diagnostics } = new Harness().must('ValidateStateMachineDefinition', {
    definition: JSON.stringify(definition),
  });
  expect(diagnostics.map(({ code, location = null, message }: Json) => `${code} ${location} ${message}`)).toEqual([
    expected,
  ]);
});

/** Source: Step Functions developer guide, "Passing data between states with variables", "Integrating services", "Transforming data with JSONata". */
test.each<[string, Json, string[]]>([
  [
    'names of items, in predicates and functions',
    jsonata('{% $states.input.lines[sku = "a"].($f := function($l) { $l.n }; $f($)) %}'),
    [],
  ],
  ['what a catcher may read', catching('{% $states.errorOutput.Cause %}'), []],
  ['an expression that is not closed', jsonata('{% 1 '), [schema('/States/S/Output')]],
  ['a space before an expression', jsonata(' {% 1 %}'), [schema('/States/S/Output')]],
  ['the reserved variable', only({ Type: 'Pass', Assign: { states: 1 } }), [schema('/States/S/Assign/states')]],
  [
    'a variable that begins with a digit',
    only({ Type: 'Pass', Assign: { '1a.$': '$' } }),
    [schema('/States/S/Assign/1a.$')],
  ],
  [
    'a variable of 81 letters',
    jsonata(1, { Assign: { ['x'.repeat(81)]: 1 } }),
    [schema(`/States/S/Assign/${'x'.repeat(81)}`)],
  ],
  ['variables in other scripts', only({ Type: 'Pass', Assign: { größe_1: 1, 注文: 2 } }), []],
  ['sync of a service that has none', using('sqs:sendMessage.sync'), [schema('/States/S/Resource')]],
  ['a token for DynamoDB', using('dynamodb:putItem.waitForTaskToken'), [schema('/States/S/Resource')]],
  ['a token through the SDK form', using('aws-sdk:dynamodb:putItem.waitForTaskToken'), []],
  ['sync through the SDK form', using('aws-sdk:sfn:startExecution.sync'), [schema('/States/S/Resource')]],
  ['an action in upper case', using('aws-sdk:dynamodb:PutItem'), [schema('/States/S/Resource')]],
  ['an integration of nobody', using('shop:sell'), [schema('/States/S/Resource')]],
  ['an integration of AWS that does not run here', using('glue:startJobRun.sync'), []],
  ['an empty text', '', ['MISSING_DESCRIPTION /']],
  [
    'a name of 81 letters',
    { StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: pass() } },
    [`INVALID_STATE_NAME /States/${'x'.repeat(81)}`],
  ],
])('%s', (_name, definition, expected) => {
  expect(findings(definition)).toEqual(expected);
});

test('an activity is not for Express', () => {
  const definition = only({ Type: 'Task', Resource: 'arn:aws:states:us-east-1:123456789012:activity:a' });
  expect([findings(definition, 'EXPRESS'), findings(definition)]).toEqual([[schema('/States/S/Resource')], []]);
});

/** Source: Step Functions API reference, ValidateStateMachineDefinition (severity), ...Diagnostic, "List of warning codes". */
test('warnings are told where they are asked for, and never refuse', () => {
  const definition = JSON.stringify({
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Parameters: { a: '$.x', b: { c: ['States.UUID()'] } }, Next: 'B' },
      B: { Type: 'Pass', Result: { 'd.$': '$.x' }, Next: 'C' },
      C: { Type: 'Fail', Cause: '$.why' },
    },
  });
  const harness = new Harness();
  const ask = (severity?: string): Json => harness.must('ValidateStateMachineDefinition', { definition, severity });
  expect(ask()).toEqual({ result: 'OK', diagnostics: [], truncated: false });
  const { result, diagnostics } = ask('WARNING');
  expect(result).toBe('OK');
  expect(diagnostics.map(({ severity, code, location }: Json) => `${severity} ${code} ${location}`)).toEqual([
    'WARNING NO_DOLLAR /States/A/Parameters/a',
    'WARNING NO_DOLLAR /States/A/Parameters/b/c[0]',
    'WARNING PASS_RESULT_IS_STATIC /States/B/Result/d.$',
    'WARNING NO_PATH /States/C/Cause',
  ]);
});
