/** Source: Amazon States Language; Step Functions API reference, ValidateStateMachineDefinition. */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, only } from './harness';

const findings = (definition: Json, type = 'STANDARD'): string[] => {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const { result, diagnostics } = new Harness().must('ValidateStateMachineDefinition', { definition: text, type });
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
  ['an unknown field', only({ Type: 'Pass', Params: 1 }), [schema('/States/S/Params')]],
  ['a field of the other language', only({ Type: 'Pass', Output: 1 }), [schema('/States/S/Output')]],
  [
    'Next of no state',
    { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'X' } } },
    ['MISSING_TRANSITION_TARGET /States/S/Next'],
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
    [schema('/States/S/Output')],
  ],
  [
    'JSONPath in a machine in JSONata',
    only({ Type: 'Pass', QueryLanguage: 'JSONPath' }, { QueryLanguage: 'JSONata' }),
    [schema('/States/S/QueryLanguage')],
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
      "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/Next'",
  });
});
