/** Parallel and Map. Source: Amazon States Language, "Parallel State", "Map State"; developer guide, "Using Map state in Distributed mode". */
import type { Json } from '../../../../lib/local/services/service';
import { functionArn, Harness, only } from './harness';

const work = { StartAt: 'W', States: { W: { Type: 'Task', Resource: functionArn, End: true } } };
const distributed = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...work };
const given = (harness: Harness): Json[] =>
  harness.calls.map(({ input }) => JSON.parse(Buffer.from(input.Payload, 'base64').toString()));

describe('Parallel', () => {
  test('outputs in the order of the branches, whenever they end', () => {
    const wait = (name: string, Seconds: number): Json => ({
      StartAt: name,
      States: {
        [name]: { Type: 'Wait', Seconds, Next: `${name}2` },
        [`${name}2`]: { Type: 'Pass', Result: name, End: true },
      },
    });
    const state = { Type: 'Parallel', Branches: [wait('a', 5), wait('b', 9), wait('c', 1)], ResultPath: '$.r' };
    expect(new Harness().run(only(state), { x: 1 }).output).toEqual({ x: 1, r: ['a', 'b', 'c'] });
  });

  test('a failure can be retried as a whole, and caught', () => {
    const harness = new Harness();
    const state = {
      Type: 'Parallel',
      Branches: [work],
      Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'H' }],
    };
    const definition = only(state);
    definition.States.H = { Type: 'Pass', InputPath: '$.e.Error', End: true };
    const arn = harness.start(definition);
    harness.throws('A');
    harness.pass(1000);
    harness.throws('A');
    expect(harness.ran(arn)).toMatchObject({ status: 'SUCCEEDED', output: 'A' });
  });

  test('an answer to an aborted branch is passed over', () => {
    const harness = new Harness();
    const two = { StartAt: 'X', States: { X: { Type: 'Task', Resource: functionArn, End: true } } };
    const arn = harness.start(only({ Type: 'Parallel', Branches: [work, two] }));
    harness.throws('A');
    harness.returns('late');
    expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(harness.must('$pending')).toEqual({ pending: 0 });
  });
});

describe('Map', () => {
  test.each([
    [2, 2],
    [0, 40],
  ])('MaxConcurrency %d: %d at once', (MaxConcurrency, expected) => {
    const harness = new Harness();
    const arn = harness.start(only({ Type: 'Map', MaxConcurrency, ItemProcessor: work }), [...Array(50).keys()]);
    expect(given(harness)).toEqual([...Array(expected).keys()]);
    for (let item = 0; item < 50; item++) harness.returns(item * 2);
    expect(harness.ran(arn).output).toEqual([...Array(50).keys()].map((item) => item * 2));
  });

  test('results stand in the order of the items', () => {
    const harness = new Harness();
    const arn = harness.start(only({ Type: 'Map', ItemProcessor: work }), ['a', 'b']);
    harness.calls.reverse();
    harness.returns('of b');
    harness.returns('of a');
    expect(harness.ran(arn).output).toEqual(['of a', 'of b']);
  });

  test('ItemSelector sees the item, its index and the input', () => {
    const harness = new Harness();
    const ItemSelector = { 'v.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index', 'all.$': '$.k' };
    harness.start(only({ Type: 'Map', ItemsPath: '$.l', ItemSelector, ItemProcessor: work }), { l: ['a', 'b'], k: 1 });
    expect(given(harness)).toEqual([
      { v: 'a', i: 0, all: 1 },
      { v: 'b', i: 1, all: 1 },
    ]);
  });

  test('an iteration that fails ends the others', () => {
    const harness = new Harness();
    const arn = harness.start(only({ Type: 'Map', ItemProcessor: work }), [1, 2]);
    harness.throws('A');
    expect(harness.ran(arn)).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(
      harness
        .events(arn)
        .map(({ type }) => type)
        .slice(-4),
    ).toEqual(['MapIterationFailed', 'MapIterationAborted', 'MapStateFailed', 'ExecutionFailed']);
  });

  test('what is no list', () => {
    const { error, cause } = new Harness().run(only({ Type: 'Map', ItemProcessor: work }), { a: 1 });
    expect([error, cause]).toEqual([
      'States.Runtime',
      'An error occurred while executing the state \'S\' (entered at the event id #2). Map state input must be an array but was: {"a":1}',
    ]);
  });

  test('no items, no iterations', () => {
    expect(new Harness().run(only({ Type: 'Map', ItemProcessor: work }), []).output).toEqual([]);
  });
});

describe('distributed', () => {
  const run = (more: Json, fails: boolean[]): Json => {
    const harness = new Harness();
    const arn = harness.start(only({ Type: 'Map', ItemProcessor: distributed, ...more }), [...fails.keys()]);
    for (const failing of fails) {
      if (harness.calls.length === 0) break;
      if (failing) harness.throws('A');
      else harness.returns('ok');
    }
    return harness.ran(arn);
  };

  test.each<[string, Json, boolean[], string]>([
    ['none is tolerated', {}, [true, false], 'FAILED'],
    ['as many as the count', { ToleratedFailureCount: 1 }, [true, false], 'SUCCEEDED'],
    ['more than the count', { ToleratedFailureCount: 1 }, [true, true], 'FAILED'],
    ['as many as the share', { ToleratedFailurePercentage: 50 }, [true, false], 'SUCCEEDED'],
    ['more than the share', { ToleratedFailurePercentage: 49 }, [true, false], 'FAILED'],
  ])('%s', (_name, more, fails, status) => {
    const ran = run(more, fails);
    expect(ran.status).toBe(status);
    if (status === 'FAILED') expect(ran.error).toBe('States.ExceedToleratedFailureThreshold');
  });

  test('batches of at most so many items', () => {
    const harness = new Harness();
    const ItemBatcher = { MaxItemsPerBatch: 2, BatchInput: { 'k.$': '$.k' } };
    harness.start(only({ Type: 'Map', ItemsPath: '$.l', ItemBatcher, ItemProcessor: distributed }), {
      l: [1, 2, 3],
      k: 'x',
    });
    expect(given(harness)).toEqual([
      { BatchInput: { k: 'x' }, Items: [1, 2] },
      { BatchInput: { k: 'x' }, Items: [3] },
    ]);
  });

  test('children do not see the variables of their parent', () => {
    const inner = { StartAt: 'I', States: { I: { Type: 'Pass', Parameters: { 'a.$': '$v' }, End: true } } };
    const processor = { ProcessorConfig: distributed.ProcessorConfig, ...inner };
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { v: 1 }, Result: [1], Next: 'M' },
        M: { Type: 'Map', ItemProcessor: processor, End: true },
      },
    };
    expect(new Harness().run(definition).status).toBe('FAILED');
  });

  test('a reader from S3 is refused by name', () => {
    const definition = JSON.stringify(
      only({ Type: 'Map', ItemReader: { Resource: 'arn:aws:states:::s3:getObject' }, ItemProcessor: distributed }),
    );
    const { error } = new Harness().ask('CreateStateMachine', {
      name: 'a',
      definition,
      roleArn: 'arn:aws:iam::123456789012:role/r',
    });
    expect(error?.message).toContain('ItemReader (S3) is not modelled');
  });
});

test('the same seed, the same history', () => {
  const history = (): Json => {
    const harness = new Harness('seed');
    const retry = [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' }];
    const inner = {
      StartAt: 'W',
      States: { W: { ...work.States.W, Retry: retry, Parameters: { 'id.$': 'States.UUID()' } } },
    };
    const arn = harness.start(only({ Type: 'Map', ItemProcessor: inner }), [1, 2, 3]);
    for (let i = 0; i < 3; i++) harness.throws('A');
    harness.settle();
    for (let i = 0; i < 3; i++) harness.returns(i);
    return harness.events(arn);
  };
  expect(history()).toEqual(history());
  expect(history().at(-1).type).toBe('ExecutionSucceeded');
});
