/** What is asked of functions besides running them. Source: Lambda API reference, the operations by name. */
import type { Json } from '../../../../lib/local/services/service';
import { Bench } from './support';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:greet';
const FunctionName = 'greet';

function made(input: Json = {}): Bench {
  const bench = new Bench();
  bench.create(input);
  return bench;
}

/** The error itself. */
function refused(bench: Bench, operation: string, input: Json): Json {
  const { reply } = bench.service.apply(bench.now, { operation, input, requestId: 'refused' });
  if (!reply?.error) throw new Error(`${operation} was not refused`);
  return reply.error;
}

describe('versions', () => {
  test('a version is made when something has changed since the last, and keeps what it was', () => {
    const bench = made();
    const publish = (): string => bench.ask('PublishVersion', { FunctionName }).Version;
    expect([publish(), publish()]).toEqual(['1', '1']);
    bench.ask('UpdateFunctionConfiguration', { FunctionName, Timeout: 20 });
    expect(publish()).toBe('2');
    const timeout = (Qualifier: string): number =>
      bench.ask('GetFunctionConfiguration', { FunctionName, Qualifier }).Timeout;
    expect([timeout('1'), timeout('2'), timeout('$LATEST')]).toEqual([10, 20, 20]);
  });

  test('a version that an alias points to stays; another goes, and its number does not come again', () => {
    const bench = made();
    bench.ask('PublishVersion', { FunctionName });
    bench.ask('UpdateFunctionConfiguration', { FunctionName, Timeout: 20 });
    bench.ask('PublishVersion', { FunctionName });
    bench.ask('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    expect(bench.ask('DeleteFunction', { FunctionName, Qualifier: '1' })).toBe('ResourceConflictException');
    expect(bench.ask('DeleteFunction', { FunctionName, Qualifier: '2' })).toEqual({});
    bench.ask('UpdateFunctionConfiguration', { FunctionName, Timeout: 30 });
    expect(bench.ask('PublishVersion', { FunctionName }).Version).toBe('3');
    const { Versions } = bench.ask('ListVersionsByFunction', { FunctionName });
    expect(Versions.map(({ Version }: Json) => Version)).toEqual(['$LATEST', '1', '3']);
  });
});

describe('aliases', () => {
  const withVersions = (): Bench => {
    const bench = made();
    bench.ask('PublishVersion', { FunctionName });
    bench.ask('UpdateFunctionConfiguration', { FunctionName, Timeout: 20 });
    bench.ask('PublishVersion', { FunctionName });
    return bench;
  };

  test('are made, changed, listed and deleted', () => {
    const bench = withVersions();
    expect(bench.ask('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' })).toMatchObject({
      AliasArn: `${functionArn}:live`,
      FunctionVersion: '1',
    });
    expect(bench.ask('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' })).toBe(
      'ResourceConflictException',
    );
    const changed = bench.ask('UpdateAlias', { FunctionName, Name: 'live', FunctionVersion: '2' });
    expect(changed).toMatchObject({ FunctionVersion: '2', Description: '' });
    expect(bench.ask('UpdateAlias', { FunctionName, Name: 'live', RevisionId: 'stale' })).toBe(
      'PreconditionFailedException',
    );
    expect(bench.ask('GetAlias', { FunctionName, Name: 'live' })).toEqual(changed);
    expect(bench.ask('ListAliases', { FunctionName, FunctionVersion: '1' }).Aliases).toEqual([]);
    expect(bench.ask('ListAliases', { FunctionName }).Aliases).toHaveLength(1);
    bench.ask('DeleteAlias', { FunctionName, Name: 'live' });
    expect(refused(bench, 'GetAlias', { FunctionName, Name: 'live' })).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Cannot find alias arn: ${functionArn}:live`,
    });
  });

  test('the function is told the name by which it was invoked', () => {
    const bench = withVersions();
    bench.ask('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    bench.invoke({ Qualifier: 'live' });
    bench.invoke({ FunctionName: `${functionArn}:2` });
    bench.invoke();
    expect(bench.runs().map(({ functionArn: arn, environment }) => [arn, environment.version])).toEqual([
      [`${functionArn}:live`, '1'],
      [`${functionArn}:2`, '2'],
      [functionArn, '$LATEST'],
    ]);
  });

  test('two versions share what comes by their weights', () => {
    const bench = withVersions();
    const route = (weight: number): Json => ({ AdditionalVersionWeights: { 2: weight } });
    bench.ask('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1', RoutingConfig: route(0.25) });
    for (let n = 0; n < 400; n++) bench.invoke({ Qualifier: 'live' });
    const second = bench.runs().filter(({ environment }) => environment.version === '2').length;
    // 100 expected; 4 standard deviations are 35.
    expect(second).toBeGreaterThan(65);
    expect(second).toBeLessThan(135);
    expect(bench.ask('UpdateAlias', { FunctionName, Name: 'live', RoutingConfig: {} })).not.toHaveProperty(
      'RoutingConfig',
    );
    for (const bad of [route(2), { AdditionalVersionWeights: { $LATEST: 0.5 } }])
      expect(bench.ask('UpdateAlias', { FunctionName, Name: 'live', RoutingConfig: bad })).toBe(
        'InvalidParameterValueException',
      );
    expect(
      bench.ask('UpdateAlias', { FunctionName, Name: 'live', RoutingConfig: { AdditionalVersionWeights: { 9: 0.5 } } }),
    ).toBe('ResourceNotFoundException');
  });
});

test('tags: given, added, taken away, told', () => {
  const bench = made({ Tags: { team: 'a' } });
  bench.ask('TagResource', { Resource: functionArn, Tags: { stage: 'dev', team: 'b' } });
  expect(bench.ask('ListTags', { Resource: functionArn })).toEqual({ Tags: { team: 'b', stage: 'dev' } });
  bench.ask('UntagResource', { Resource: functionArn, TagKeys: ['team'] });
  expect(bench.ask('GetFunction', { FunctionName }).Tags).toEqual({ stage: 'dev' });
  expect(bench.ask('ListTags', { Resource: `${functionArn}:1` })).toBe('InvalidParameterValueException');
});

test('a policy: statements are kept as they are given', () => {
  const bench = made();
  expect(refused(bench, 'GetPolicy', { FunctionName })).toMatchObject({ status: 404 });
  const permission = {
    FunctionName,
    StatementId: 's1',
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
  };
  const SourceArn = 'arn:aws:events:us-east-1:123456789012:rule/r';
  const statement = {
    Sid: 's1',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: functionArn,
    Condition: { ArnLike: { 'AWS:SourceArn': SourceArn } },
  };
  expect(JSON.parse(bench.ask('AddPermission', { ...permission, SourceArn }).Statement)).toEqual(statement);
  expect(bench.ask('AddPermission', permission)).toBe('ResourceConflictException');
  bench.ask('AddPermission', { ...permission, StatementId: 's2', Principal: '210987654321' });
  const { Policy } = bench.ask('GetPolicy', { FunctionName });
  expect(JSON.parse(Policy).Statement).toMatchObject([
    statement,
    { Sid: 's2', Principal: { AWS: 'arn:aws:iam::210987654321:root' } },
  ]);
  bench.ask('RemovePermission', { FunctionName, StatementId: 's1' });
  expect(refused(bench, 'RemovePermission', { FunctionName, StatementId: 's1' }).message).toBe(
    'Statement s1 is not found in resource policy.',
  );
  bench.ask('RemovePermission', { FunctionName, StatementId: 's2' });
  expect(bench.ask('GetPolicy', { FunctionName })).toBe('ResourceNotFoundException');
});

describe('reserved concurrency', () => {
  test('leaves 100 to the functions that reserve nothing', () => {
    const bench = made();
    const reserve = (ReservedConcurrentExecutions: number): Json =>
      bench.ask('PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions });
    expect(reserve(901)).toBe('InvalidParameterValueException');
    expect(reserve(900)).toEqual({ ReservedConcurrentExecutions: 900 });
    expect(reserve(0)).toEqual({ ReservedConcurrentExecutions: 0 });
    expect(bench.ask('GetAccountSettings', {}).AccountLimit).toMatchObject({
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 1000,
    });
  });
});

test('a function that is deleted while it runs answers its caller all the same', () => {
  const bench = made();
  bench.invoke();
  const [run] = bench.runs();
  bench.ask('DeleteFunction', { FunctionName });
  expect(bench.ask('GetFunction', { FunctionName })).toBe('ResourceNotFoundException');
  bench.finish(run!, { payload: '"done"' });
  expect(bench.taken('reply')).toMatchObject([{ reply: { output: { StatusCode: 200 } } }]);
  expect(bench.taken('discard')).toEqual([{ kind: 'discard', environmentId: run!.environmentId }]);
});

describe('asynchronous invocations', () => {
  const event = (bench: Bench, more: Json = {}): void => {
    expect(bench.invoke({ InvocationType: 'Event', Event: { id: 1 }, ...more })).toEqual({ StatusCode: 202 });
  };
  const configured = (OnSuccess: string, OnFailure: string, more: Json = {}): Bench => {
    const bench = made();
    const DestinationConfig = { OnSuccess: { Destination: OnSuccess }, OnFailure: { Destination: OnFailure } };
    bench.ask('PutFunctionEventInvokeConfig', { FunctionName, MaximumRetryAttempts: 0, DestinationConfig, ...more });
    return bench;
  };
  const [queue, topic, bus, other] = [
    'arn:aws:sqs:us-east-1:123456789012:told',
    'arn:aws:sns:us-east-1:123456789012:told',
    'arn:aws:events:us-east-1:123456789012:event-bus/told',
    'arn:aws:lambda:us-east-1:123456789012:function:told',
  ];
  const success = { condition: 'Success', functionArn: `${functionArn}:$LATEST`, approximateInvokeCount: 1 };

  test('go to a queue or a topic as a message', () => {
    for (const [destination, call, body] of [
      [queue, { to: 'sqs', operation: 'SendMessage' }, 'MessageBody'],
      [topic, { to: 'sns', operation: 'Publish', input: { TopicArn: topic } }, 'Message'],
    ] as const) {
      const bench = configured(destination!, queue!);
      event(bench);
      bench.finish(bench.runs()[0]!, { payload: '"fine"' });
      const [sent] = bench.taken('call');
      expect(sent).toMatchObject(call);
      expect(JSON.parse(sent!.input[body])).toMatchObject({
        version: '1.0',
        requestContext: success,
        requestPayload: { id: 1 },
        responsePayload: 'fine',
      });
    }
  });

  test('go to a bus as an event that says how they ended', () => {
    const bench = configured(bus!, bus!);
    event(bench);
    bench.finish(bench.runs()[0]!);
    event(bench);
    bench.fail(bench.runs()[0]!);
    const entries = bench.taken('call').map(({ to, operation, input }) => ({ to, operation, ...input.Entries[0] }));
    expect(entries).toMatchObject(
      ['Success', 'Failure'].map((ending) => ({
        to: 'events',
        operation: 'PutEvents',
        EventBusName: bus,
        Source: 'lambda',
        DetailType: `Lambda Function Invocation Result - ${ending}`,
        Resources: [bus, `${functionArn}:$LATEST`],
      })),
    );
    expect(JSON.parse(entries[1].Detail).requestContext.condition).toBe('RetriesExhausted');
  });

  test('go to another function, asynchronously', () => {
    const bench = configured(other!, queue!);
    event(bench);
    bench.finish(bench.runs()[0]!);
    const [call] = bench.taken('call');
    expect(call).toMatchObject({
      to: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: other, InvocationType: 'Event' },
    });
    expect(JSON.parse(Buffer.from(call!.input.Payload, 'base64').toString()).requestContext).toMatchObject(success);
  });

  test('an alias has a configuration of its own', () => {
    const bench = configured(queue!, queue!);
    bench.ask('PublishVersion', { FunctionName });
    bench.ask('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    bench.ask('PutFunctionEventInvokeConfig', { FunctionName, Qualifier: 'live', MaximumRetryAttempts: 1 });
    event(bench, { Qualifier: 'live' });
    bench.fail(bench.runs()[0]!);
    bench.pass(60_000);
    bench.fail(bench.runs()[0]!);
    bench.pass(3_600_000);
    expect([bench.runs(), bench.taken('call')]).toEqual([[], []]);
  });

  test('their configuration is told, changed in part, listed and deleted', () => {
    const bench = configured(queue!, topic!, { MaximumEventAgeInSeconds: 60 });
    const before = {
      FunctionArn: `${functionArn}:$LATEST`,
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnSuccess: { Destination: queue }, OnFailure: { Destination: topic } },
    };
    expect(bench.ask('GetFunctionEventInvokeConfig', { FunctionName })).toMatchObject(before);
    expect(bench.ask('UpdateFunctionEventInvokeConfig', { FunctionName, MaximumRetryAttempts: 2 })).toMatchObject({
      ...before,
      MaximumRetryAttempts: 2,
    });
    expect(bench.ask('ListFunctionEventInvokeConfigs', { FunctionName }).FunctionEventInvokeConfigs).toHaveLength(1);
    bench.ask('DeleteFunctionEventInvokeConfig', { FunctionName });
    expect(bench.ask('GetFunctionEventInvokeConfig', { FunctionName })).toBe('ResourceNotFoundException');
    expect(
      bench.ask('PutFunctionEventInvokeConfig', {
        FunctionName,
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::lost' } },
      }),
    ).toBe('InvalidParameterValueException');
  });
});

test.each([
  'CreateFunctionUrlConfig',
  'GetFunctionUrlConfig',
  'PutProvisionedConcurrencyConfig',
  'GetProvisionedConcurrencyConfig',
  'PublishLayerVersion',
  'InvokeWithResponseStream',
])('%s is refused by name', (operation) => {
  expect(refused(made(), operation, { FunctionName })).toMatchObject({
    name: 'UnknownOperationException',
    message: `Lambda's ${operation} is not modelled here.`,
  });
});
