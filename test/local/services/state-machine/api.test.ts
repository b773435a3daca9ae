/** Source: Step Functions API reference; developer guide, "Managing continuous deployments", "Redriving executions". */
import type { Json } from '../../../../lib/local/services/service';
import { Harness, only, role, task } from './harness';

const pass = only({ Type: 'Pass' });
const text = JSON.stringify(pass);

describe('state machines', () => {
  test.each<[string, Json, string | undefined]>([
    ['a name', { name: 'a', definition: text, roleArn: role }, undefined],
    ['no name', { definition: text, roleArn: role }, 'ValidationException'],
    ['a name with a space', { name: 'a b', definition: text, roleArn: role }, 'InvalidName'],
    ['a name of 81 characters', { name: 'a'.repeat(81), definition: text, roleArn: role }, 'InvalidName'],
    ['a role that is no ARN', { name: 'a', definition: text, roleArn: 'r' }, 'InvalidArn'],
    ['no JSON', { name: 'a', definition: '{', roleArn: role }, 'InvalidDefinition'],
    ['an unknown type', { name: 'a', definition: text, roleArn: role, type: 'FAST' }, 'ValidationException'],
    [
      'a version description without publish',
      { name: 'a', definition: text, roleArn: role, versionDescription: 'v' },
      'ValidationException',
    ],
  ])('%s', (_name, input, expected) => {
    expect(new Harness().refusal('CreateStateMachine', input)).toBe(expected);
  });

  test('the same again is answered the same; another of the name is refused', () => {
    const harness = new Harness();
    const input = { name: 'a', definition: text, roleArn: role };
    const first = harness.must('CreateStateMachine', input);
    expect(harness.must('CreateStateMachine', input)).toEqual(first);
    const other = { ...input, definition: JSON.stringify(only({ Type: 'Succeed' })) };
    expect(harness.refusal('CreateStateMachine', other)).toBe('StateMachineAlreadyExists');
    const traced = { ...input, tracingConfiguration: { enabled: true } };
    expect(harness.refusal('CreateStateMachine', traced)).toBe('StateMachineAlreadyExists');
    // "If a following request has a different roleArn or tags, Step Functions will ignore these differences."
    const tagged = { ...input, roleArn: `${role}2`, tags: [{ key: 'k', value: 'v' }] };
    expect(harness.must('CreateStateMachine', tagged)).toEqual(first);
    expect(harness.must('DescribeStateMachine', first).roleArn).toBe(role);
  });

  test('tags: 50 at most', () => {
    const harness = new Harness();
    const tags = Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
    const input = { name: 'a', definition: text, roleArn: role };
    expect(harness.refusal('CreateStateMachine', { ...input, tags })).toBe('TooManyTags');
    const { stateMachineArn: resourceArn } = harness.must('CreateStateMachine', { ...input, tags: tags.slice(1) });
    harness.must('TagResource', { resourceArn, tags: [{ key: 'k1', value: 'w' }] });
    expect(harness.refusal('TagResource', { resourceArn, tags: tags.slice(0, 1) })).toBe('TooManyTags');
    harness.must('UntagResource', { resourceArn, tagKeys: tags.slice(2).map(({ key }) => key) });
    expect(harness.must('ListTagsForResource', { resourceArn }).tags).toEqual([{ key: 'k1', value: 'w' }]);
  });

  test('an execution stays on the definition that it was started with', () => {
    const harness = new Harness();
    const slow = {
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 5, Next: 'P' }, P: { Type: 'Pass', Result: 'old', End: true } },
    };
    const stateMachineArn = harness.machine(slow);
    const { executionArn } = harness.must('StartExecution', { stateMachineArn });
    const fresh = JSON.stringify(only({ Type: 'Pass', Result: 'new' }));
    harness.must('UpdateStateMachine', { stateMachineArn, definition: fresh });
    harness.settle();
    expect(harness.ran(executionArn).output).toBe('old');
    const { executionArn: second } = harness.must('StartExecution', { stateMachineArn });
    expect(harness.ran(second).output).toBe('new');
    expect(harness.must('DescribeStateMachineForExecution', { executionArn }).definition).toBe(JSON.stringify(slow));
    expect(harness.must('DescribeStateMachine', { stateMachineArn }).definition).toBe(fresh);
  });

  test('deleted, it is gone; deleting again is no error', () => {
    const harness = new Harness();
    const stateMachineArn = harness.machine(pass);
    harness.must('DeleteStateMachine', { stateMachineArn });
    harness.must('DeleteStateMachine', { stateMachineArn });
    expect(harness.refusal('StartExecution', { stateMachineArn })).toBe('StateMachineDoesNotExist');
    expect(harness.must('ListStateMachines').stateMachines).toEqual([]);
  });

  test('what nobody models is refused by name', () => {
    expect(new Harness().ask('CreateActivity', { name: 'a' }).error?.message).toContain('CreateActivity');
  });
});

describe('versions and aliases', () => {
  const published = (harness: Harness): { stateMachineArn: string; versions: string[] } => {
    const stateMachineArn = harness.machine(only({ Type: 'Pass', Result: 1 }));
    const one = harness.must('PublishStateMachineVersion', { stateMachineArn }).stateMachineVersionArn;
    const definition = JSON.stringify(only({ Type: 'Pass', Result: 2 }));
    const two = harness.must('UpdateStateMachine', {
      stateMachineArn,
      definition,
      publish: true,
    }).stateMachineVersionArn;
    return { stateMachineArn, versions: [one, two] };
  };
  const outputOf = (harness: Harness, stateMachineArn: string): Json =>
    harness.ran(harness.must('StartExecution', { stateMachineArn }).executionArn).output;

  test('a version stays as it is; the same revision is published once', () => {
    const harness = new Harness();
    const { stateMachineArn, versions } = published(harness);
    expect(versions).toEqual([`${stateMachineArn}:1`, `${stateMachineArn}:2`]);
    expect(harness.must('PublishStateMachineVersion', { stateMachineArn }).stateMachineVersionArn).toBe(versions[1]);
    expect(versions.map((arn) => outputOf(harness, arn))).toEqual([1, 2]);
  });

  test('listed newest first, described, deleted', () => {
    const harness = new Harness();
    const { stateMachineArn, versions } = published(harness);
    const listed = (): string[] =>
      harness
        .must('ListStateMachineVersions', { stateMachineArn })
        .stateMachineVersions.map((one: Json) => one.stateMachineVersionArn);
    expect(listed()).toEqual([...versions].reverse());
    const described = harness.must('DescribeStateMachine', { stateMachineArn: versions[0] });
    expect(JSON.parse(described.definition).States.S.Result).toBe(1);
    const routingConfiguration = [{ stateMachineVersionArn: versions[1], weight: 100 }];
    const { stateMachineAliasArn } = harness.must('CreateStateMachineAlias', {
      name: 'live',
      description: 'd',
      routingConfiguration,
    });
    expect(harness.must('DescribeStateMachineAlias', { stateMachineAliasArn })).toMatchObject({
      name: 'live',
      description: 'd',
      routingConfiguration,
    });
    expect(harness.must('ListStateMachineAliases', { stateMachineArn }).stateMachineAliases).toMatchObject([
      { stateMachineAliasArn },
    ]);
    harness.must('DeleteStateMachineAlias', { stateMachineAliasArn });
    expect(harness.refusal('StartExecution', { stateMachineArn: stateMachineAliasArn })).toBe(
      'StateMachineDoesNotExist',
    );
    harness.must('DeleteStateMachineVersion', { stateMachineVersionArn: versions[0] });
    expect(listed()).toEqual([versions[1]]);
    expect(harness.refusal('StartExecution', { stateMachineArn: versions[0] })).toBe('StateMachineDoesNotExist');
  });

  test('an alias routes by weight and can be moved', () => {
    const harness = new Harness();
    const { versions } = published(harness);
    const route = (first: number): Json => [
      { stateMachineVersionArn: versions[0], weight: first },
      { stateMachineVersionArn: versions[1], weight: 100 - first },
    ];
    const { stateMachineAliasArn } = harness.must('CreateStateMachineAlias', {
      name: 'live',
      routingConfiguration: route(50),
    });
    const outputs = Array.from({ length: 40 }, () => outputOf(harness, stateMachineAliasArn));
    expect(new Set(outputs)).toEqual(new Set([1, 2]));
    harness.must('UpdateStateMachineAlias', {
      stateMachineAliasArn,
      routingConfiguration: [route(0)[1]].map((one) => ({ ...one, weight: 100 })),
    });
    expect(Array.from({ length: 10 }, () => outputOf(harness, stateMachineAliasArn))).toEqual(new Array(10).fill(2));
  });

  test.each<[string, (versions: string[]) => Json, string]>([
    [
      'weights that make no 100',
      ([one]) => ({ name: 'x', routingConfiguration: [{ stateMachineVersionArn: one, weight: 99 }] }),
      'ValidationException',
    ],
    [
      'no version',
      ([one]) => ({ name: 'x', routingConfiguration: [{ stateMachineVersionArn: one!.slice(0, -2), weight: 100 }] }),
      'ValidationException',
    ],
    [
      'only digits',
      ([one]) => ({ name: '7', routingConfiguration: [{ stateMachineVersionArn: one, weight: 100 }] }),
      'ValidationException',
    ],
  ])('an alias with %s is refused', (_name, input, expected) => {
    const harness = new Harness();
    expect(harness.refusal('CreateStateMachineAlias', input(published(harness).versions))).toBe(expected);
  });

  test('a version that an alias names is not deleted', () => {
    const harness = new Harness();
    const [stateMachineVersionArn] = published(harness).versions;
    const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
    const { stateMachineAliasArn } = harness.must('CreateStateMachineAlias', { name: 'live', routingConfiguration });
    expect(harness.refusal('DeleteStateMachineVersion', { stateMachineVersionArn })).toBe('ConflictException');
    harness.must('DeleteStateMachineAlias', { stateMachineAliasArn });
    harness.must('DeleteStateMachineVersion', { stateMachineVersionArn });
    expect(harness.refusal('StartExecution', { stateMachineArn: stateMachineVersionArn })).toBe(
      'StateMachineDoesNotExist',
    );
  });
});

describe('executions', () => {
  test('a name is used once: the same start is a no-op while it runs, and refused after', () => {
    const harness = new Harness();
    const stateMachineArn = harness.machine(only({ Type: 'Wait', Seconds: 5 }));
    const input = { stateMachineArn, name: 'order-1', input: '{"a":1}' };
    const first = harness.must('StartExecution', input);
    harness.pass(1000);
    expect(harness.must('StartExecution', input)).toEqual(first);
    expect(harness.must('ListExecutions', { stateMachineArn }).executions).toHaveLength(1);
    expect(harness.refusal('StartExecution', { ...input, input: '{"a":2}' })).toBe('ExecutionAlreadyExists');
    harness.settle();
    expect(harness.refusal('StartExecution', input)).toBe('ExecutionAlreadyExists');
  });

  test.each<[string, Json, string]>([
    ['input that is no JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['input above 256 KiB', { input: JSON.stringify('x'.repeat(262_143)) }, 'ValidationException'],
    ['a name with a colon', { name: 'a:b' }, 'InvalidName'],
  ])('%s is refused', (_name, more, expected) => {
    const harness = new Harness();
    expect(harness.refusal('StartExecution', { stateMachineArn: harness.machine(pass), ...more })).toBe(expected);
  });

  test('stopped, it is aborted and nothing of it goes on', () => {
    const harness = new Harness();
    const executionArn = harness.start(task());
    harness.must('StopExecution', { executionArn, error: 'Stop', cause: 'enough' });
    expect(harness.ran(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Stop', cause: 'enough' });
    harness.returns('late');
    expect(harness.ran(executionArn).status).toBe('ABORTED');
    expect(harness.chain(executionArn).at(-1)).toBe('5<4 ExecutionAborted');
    expect(harness.must('$pending')).toEqual({ pending: 0 });
  });

  test('listed newest first, by status', () => {
    const harness = new Harness();
    const stateMachineArn = harness.machine(
      only(
        { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'F' }], Default: 'O' },
        {
          States: {
            S: { Type: 'Choice', Choices: [{ Variable: '$.f', IsPresent: true, Next: 'F' }], Default: 'O' },
            F: { Type: 'Fail' },
            O: { Type: 'Succeed' },
          },
        },
      ),
    );
    for (const name of ['a', 'b']) harness.must('StartExecution', { stateMachineArn, name });
    harness.must('StartExecution', { stateMachineArn, name: 'c', input: '{"f":1}' });
    const names = (statusFilter?: string): string[] =>
      harness.must('ListExecutions', { stateMachineArn, statusFilter }).executions.map(({ name }: Json) => name);
    expect([names(), names('FAILED'), names('SUCCEEDED')]).toEqual([['c', 'b', 'a'], ['c'], ['b', 'a']]);
  });
});

describe('Express', () => {
  test('started synchronously it answers with its end', () => {
    const harness = new Harness();
    const stateMachineArn = harness.machine(task(), { type: 'EXPRESS' });
    expect(harness.refusal('StartSyncExecution', { stateMachineArn, input: '{"a":1}' })).toBe('no answer yet');
    harness.pass(250);
    harness.returns([1]);
    expect([...harness.replies.values()][0]?.output).toMatchObject({
      status: 'SUCCEEDED',
      output: '[1]',
      input: '{"a":1}',
      billingDetails: { billedDurationInMilliseconds: 300, billedMemoryUsedInMB: 64 },
    });
  });

  test.each([
    ['StartSyncExecution', 'STANDARD'],
    ['ListExecutions', 'EXPRESS'],
  ])('%s is not for %s', (operation, type) => {
    const harness = new Harness();
    expect(harness.refusal(operation, { stateMachineArn: harness.machine(pass, { type }) })).toBe(
      'StateMachineTypeNotSupported',
    );
  });

  test('a name may be used again', () => {
    const harness = new Harness();
    const stateMachineArn = harness.machine(only({ Type: 'Wait', Seconds: 5 }), { type: 'EXPRESS' });
    const arns = [1, 2].map(() => harness.must('StartExecution', { stateMachineArn, name: 'n' }).executionArn);
    expect(arns[0]).not.toBe(arns[1]);
  });
});
