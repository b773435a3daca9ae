import {
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ListScheduleGroupsCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { fail } from '../../../lib/local/services/service';
import { type Harness, harness } from './support';

let wire: Harness;
beforeAll(async () => {
  wire = await harness();
});
afterAll(() => wire.close());

describe('Lambda', () => {
  test('a payload goes in and comes out as it is, with the error and the log tail in headers', async () => {
    wire.answer({
      output: {
        StatusCode: 200,
        Payload: Buffer.from('{"ok":"ü"}').toString('base64'),
        FunctionError: 'Unhandled',
        LogResult: 'bG9n',
        ExecutedVersion: '$LATEST',
      },
    });
    const done = await new LambdaClient(wire.config).send(
      new InvokeCommand({
        FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
        Payload: '{"a":1}',
        LogType: 'Tail',
        Qualifier: 'live',
      }),
    );
    expect(wire.calls).toEqual([
      {
        service: 'lambda',
        operation: 'Invoke',
        input: {
          FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
          Payload: 'eyJhIjoxfQ==',
          LogType: 'Tail',
          Qualifier: 'live',
        },
      },
    ]);
    expect([
      done.StatusCode,
      Buffer.from(done.Payload!).toString(),
      done.FunctionError,
      done.LogResult,
      done.ExecutedVersion,
    ]).toEqual([200, '{"ok":"ü"}', 'Unhandled', 'bG9n', '$LATEST']);
  });

  test('an asynchronous invocation is 202 without a body', async () => {
    wire.answer({ output: { StatusCode: 202 } });
    const done = await new LambdaClient(wire.config).send(
      new InvokeCommand({ FunctionName: 'fn', InvocationType: 'Event' }),
    );
    expect([done.StatusCode, wire.calls[0]!.input]).toEqual([202, { FunctionName: 'fn', InvocationType: 'Event' }]);
    wire.answer({ output: { StatusCode: 204 } });
    expect(
      (await new LambdaClient(wire.config).send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' })))
        .StatusCode,
    ).toBe(204);
  });

  test.each(['/2015-03-31/functions', '/2015-03-31/functions/', '/2015-03-31/functions/?MaxItems=5'])(
    '%s lists functions',
    async (path) => {
      wire.answer({ output: { Functions: [{ FunctionName: 'fn' }] } });
      const raw = await wire.raw('GET', path);
      expect([raw.status, JSON.parse(raw.body), wire.calls[0]!.operation]).toEqual([
        200,
        { Functions: [{ FunctionName: 'fn' }] },
        'ListFunctions',
      ]);
      expect(wire.calls[0]!.input).toEqual(path.includes('MaxItems') ? { MaxItems: 5 } : {});
    },
  );

  test('mappings: query parameters, bodies, numbers', async () => {
    const lambda = new LambdaClient(wire.config);
    wire.answer({ output: { EventSourceMappings: [{ UUID: 'u', LastModified: 1795510800 }] } });
    const listed = await lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn: 'arn:aws:sqs:us-east-1:1:q', MaxItems: 3 }),
    );
    expect(listed.EventSourceMappings![0]!.LastModified).toEqual(new Date('2026-11-24T09:00:00Z'));
    expect(wire.calls[0]!.input).toEqual({ EventSourceArn: 'arn:aws:sqs:us-east-1:1:q', MaxItems: 3 });
    wire.answer({ output: { UUID: 'u', State: 'Disabling' } });
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: 'u', Enabled: false, BatchSize: 4 }));
    expect(wire.calls[0]).toEqual({
      service: 'lambda',
      operation: 'UpdateEventSourceMapping',
      input: { UUID: 'u', Enabled: false, BatchSize: 4 },
    });
  });

  test('errors: the name in a header, the status from the shape or the service', async () => {
    wire.answer(fail('ResourceNotFoundException', 'Function not found: fn'));
    await expect(new LambdaClient(wire.config).send(new ListFunctionsCommand({}))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: fn',
      Type: 'User',
      $metadata: { httpStatusCode: 404 },
    });
    wire.answer(
      fail('TooManyRequestsException', 'Rate exceeded', {
        status: 429,
        members: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
      }),
    );
    await expect(new LambdaClient(wire.config).send(new InvokeCommand({ FunctionName: 'fn' }))).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
  });

  test('a path that Lambda does not have, and a body that is not JSON', async () => {
    wire.answer({ output: {} });
    const raw = await wire.raw('PATCH', '/2015-03-31/functions/fn');
    expect([raw.status, raw.headers['x-amzn-errortype'], JSON.parse(raw.body).Message]).toEqual([
      404,
      'UnknownOperationException',
      'lambda PATCH /2015-03-31/functions/fn is not modelled here.',
    ]);
    const broken = await wire.raw('POST', '/2015-03-31/event-source-mappings/', {}, '{"a"');
    expect([broken.status, broken.headers['x-amzn-errortype'], wire.calls]).toEqual([
      400,
      'SerializationException',
      [],
    ]);
    expect((await wire.raw('GET', '/2015-03-31/functions/%E0%A4%A')).status).toBe(400);
  });
});

describe('Scheduler', () => {
  test('a schedule is created, deleted and missed', async () => {
    const scheduler = new SchedulerClient(wire.config);
    wire.answer({ output: { ScheduleArn: 'arn:s' } });
    const made = await scheduler.send(
      new CreateScheduleCommand({
        Name: 'deadline',
        GroupName: 'g',
        ScheduleExpression: 'at(2026-11-24T09:00:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: 'arn:bus', RoleArn: 'arn:role', Input: '{}' },
        StartDate: new Date('2026-11-24T09:00:00Z'),
        ClientToken: 'token',
      }),
    );
    expect(made.ScheduleArn).toBe('arn:s');
    expect(wire.calls[0]).toMatchObject({
      service: 'scheduler',
      operation: 'CreateSchedule',
      input: { Name: 'deadline', GroupName: 'g', Target: { Input: '{}' }, StartDate: 1795510800, ClientToken: 'token' },
    });
    wire.answer(fail('ResourceNotFoundException', 'Schedule deadline does not exist.'));
    await expect(
      scheduler.send(new DeleteScheduleCommand({ Name: 'deadline', GroupName: 'g', ClientToken: 't' })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule deadline does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    expect(wire.calls[0]!.input).toEqual({ Name: 'deadline', GroupName: 'g', ClientToken: 't' });
    wire.answer({ output: { ScheduleGroups: [{ Name: 'default' }] } });
    expect((await scheduler.send(new ListScheduleGroupsCommand({}))).ScheduleGroups).toEqual([{ Name: 'default' }]);
  });
});
