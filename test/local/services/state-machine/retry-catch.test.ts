/** Source: Amazon States Language, "Errors", "Retrying after error", "Fallback states". */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, task } from './harness';

/** When the attempts of a failing task came, in ms after the start. */
function attempts(Retry: Json[], errors: string[], seed?: string): { at: number[]; error?: string } {
  const harness = new Harness(seed);
  const start = harness.now;
  const arn = harness.start(task({ Retry }));
  const at: number[] = [];
  for (const error of errors) {
    if (harness.calls.length === 0) break;
    at.push(harness.now - start);
    harness.throws(error);
    harness.settle();
  }
  return { at, error: harness.ran(arn).error };
}

const all = { ErrorEquals: ['States.ALL'] };
const errors = (count: number): string[] => new Array(count).fill('Boom');

test('defaults: three more attempts after 1, 2 and 4 s', () => {
  expect(attempts([all], errors(9))).toEqual({ at: [0, 1000, 3000, 7000], error: 'Boom' });
});

test('interval, rate, most attempts, longest delay', () => {
  const retrier = { ...all, IntervalSeconds: 3, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 10 };
  expect(attempts([retrier], errors(9)).at).toEqual([0, 3000, 12_000, 22_000, 32_000]);
});

test('each retrier counts for itself; the first that means the error is taken', () => {
  const retriers = [
    { ErrorEquals: ['A'], MaxAttempts: 1 },
    { ErrorEquals: ['B'], MaxAttempts: 1, IntervalSeconds: 5 },
  ];
  expect(attempts(retriers, ['A', 'B', 'A', 'B'])).toEqual({ at: [0, 1000, 6000], error: 'A' });
});

test('none for MaxAttempts 0, none for an error of another name', () => {
  expect(attempts([{ ...all, MaxAttempts: 0 }], errors(3)).at).toEqual([0]);
  expect(attempts([{ ErrorEquals: ['Other'] }], errors(3)).at).toEqual([0]);
});

test('FULL jitter: anything up to the delay, by the seed', () => {
  const retrier = { ...all, JitterStrategy: 'FULL', IntervalSeconds: 100, BackoffRate: 1 };
  const first = attempts([retrier], errors(9), 'a').at;
  expect(first).toEqual(attempts([retrier], errors(9), 'a').at);
  expect(first).not.toEqual(attempts([retrier], errors(9), 'b').at);
  for (let i = 1; i < first.length; i++) expect(first[i]! - first[i - 1]!).toBeLessThan(100_000);
});

const caught = (Catch: Json[], error: string, more: Json = {}): Json => {
  const harness = new Harness();
  const definition = task({ Catch, ...more });
  definition.States.H = { Type: 'Pass', End: true };
  const arn = harness.start(definition, { kept: 1 });
  harness.throws(error, 'why');
  return harness.ran(arn);
};

test('the error output takes the place of the input, or joins it', () => {
  const Cause = JSON.stringify({ errorType: 'Boom', errorMessage: 'why' });
  expect(caught([{ ErrorEquals: ['Boom'], Next: 'H' }], 'Boom').output).toEqual({ Error: 'Boom', Cause });
  const joined = caught([{ ErrorEquals: ['Boom'], ResultPath: '$.error', Next: 'H' }], 'Boom');
  expect(joined.output).toEqual({ kept: 1, error: { Error: 'Boom', Cause } });
});

test('the first catcher that means it; States.TaskFailed means any but a timeout', () => {
  const catchers = [
    { ErrorEquals: ['Other'], ResultPath: null, Next: 'H' },
    { ErrorEquals: ['States.TaskFailed'], ResultPath: '$.t', Next: 'H' },
  ];
  expect(caught(catchers, 'Boom').output).toHaveProperty('t.Error', 'Boom');
  expect(caught([{ ErrorEquals: ['Other'], Next: 'H' }], 'Boom')).toMatchObject({ status: 'FAILED', error: 'Boom' });
});

test('States.TaskFailed does not mean a timeout; States.ALL does', () => {
  const after = (name: string): Json => {
    const harness = new Harness();
    const definition = task({ TimeoutSeconds: 1, Catch: [{ ErrorEquals: [name], Next: 'H' }] });
    definition.States.H = { Type: 'Pass', End: true };
    const arn = harness.start(definition);
    harness.settle();
    return harness.ran(arn).status;
  };
  expect([after('States.TaskFailed'), after('States.ALL')]).toEqual(['FAILED', 'SUCCEEDED']);
});

test('States.Runtime is not caught, not even by its name', () => {
  const harness = new Harness();
  const Catch = [{ ErrorEquals: ['States.Runtime'], Next: 'S' }];
  const arn = harness.start(task({ Parameters: { 'a.$': '$.no' }, Catch }));
  expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('in JSONata a catcher has Output and Assign with $states.errorOutput', () => {
  const harness = new Harness();
  const Catch = [
    {
      ErrorEquals: ['States.ALL'],
      Assign: { e: '{% $states.errorOutput.Error %}' },
      Output: '{% $states.input %}',
      Next: 'H',
    },
  ];
  const definition = { ...task({ Catch }), QueryLanguage: 'JSONata' };
  definition.States.H = { Type: 'Pass', Output: ['{% $e %}', '{% $states.input.kept %}'], End: true };
  const arn = harness.start(definition, { kept: 1 });
  harness.throws('Boom');
  expect(harness.ran(arn).output).toEqual(['Boom', 1]);
});

test('a failed evaluation can be caught', () => {
  const harness = new Harness();
  const definition = {
    ...task({
      Arguments: '{% $states.input.no %}',
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'H' }],
    }),
    QueryLanguage: 'JSONata',
  };
  definition.States.H = { Type: 'Pass', Output: '{% $states.input.Error %}', End: true };
  const arn = harness.start(definition);
  expect(harness.ran(arn).output).toBe('States.QueryEvaluationError');
});

test('$$.State.RetryCount counts', () => {
  const harness = new Harness();
  const Parameters = { 'n.$': '$$.State.RetryCount' };
  harness.start(task({ Parameters, Retry: [all] }));
  harness.throws('Boom');
  harness.settle();
  expect(Buffer.from(harness.calls[0]!.input.Payload, 'base64').toString()).toBe('{"n":1}');
});

/** As AWS names the field; reported in github.com/floci-io/floci, pull request 2689. */
test('an expression of a catcher or a rule that gives nothing: the field by its index', () => {
  const nothing = '{% $states.input.none %}';
  const cause = (States: Json): string =>
    new Harness().run({ QueryLanguage: 'JSONata', StartAt: 'S', States: { ...States, E: { Type: 'Succeed' } } }).cause!;
  const Condition = '{% true %}';
  expect(
    cause({
      S: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% false %}', Next: 'E' },
          { Condition, Output: { v: nothing }, Next: 'E' },
        ],
      },
    }),
  ).toContain("specified for the field 'Choices[1]/Output/v' returned nothing");
  const harness = new Harness();
  const Catch = [
    { ErrorEquals: ['A'], Next: 'E' },
    { ErrorEquals: ['States.ALL'], Assign: { v: nothing }, Next: 'E' },
  ];
  const arn = harness.start({
    QueryLanguage: 'JSONata',
    StartAt: 'S',
    States: { S: { Type: 'Task', Resource: functionArn, Catch, End: true }, E: { Type: 'Succeed' } },
  });
  harness.throws('B');
  expect(harness.ran(arn).cause).toContain("specified for the field 'Catch[1]/Assign/v' returned nothing");
});
