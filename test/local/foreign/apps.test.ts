/**
 * Apps that other people write, made by aws-cdk-lib here, with the constructs of its documentation: each runs, or is
 * refused with a sentence that names the construct. None of them knows of Baton.
 */
import { App, CfnOutput, CfnParameter, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as Fn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FilterOrPolicy, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { folder, removeFolders } from '../assembly/support';

afterAll(removeFolders);

let run: LocalRun | undefined;
afterEach(async () => {
  await run?.stop();
  run = undefined;
});

const synthesized = (build: (stack: Stack) => void): string => {
  const outdir = folder({});
  const app = new App({ outdir, analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': true } });
  build(new Stack(app, 'Theirs'));
  app.synth();
  return outdir;
};
const begin = async (build: (stack: Stack) => void, parameters: Record<string, string> = {}): Promise<LocalRun> => {
  run = await startLocal({ assemblyDir: synthesized(build), port: 0, parameters });
  return run;
};
const fn = (stack: Stack, id: string, code: string): Fn =>
  new Fn(stack, id, {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromAsset(folder({ 'index.js': code })),
    timeout: Duration.seconds(10),
  });
const ask = async (service: any, operation: string, input: object): Promise<any> => {
  const { output, error } = await run!.world.request(service, operation, input);
  if (error) throw new Error(`${operation}: ${error.name}: ${error.message}`);
  return output;
};
const output = (key: string): string =>
  run!.plan.outputs.flatMap(({ outputs }) => outputs).find((one) => one.key === key)!.value;
const received = async (QueueUrl: string): Promise<string> =>
  (await ask('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 10 })).Messages[0].Body;

test('a bus, a rule, a queue and its function', async () => {
  await begin((stack) => {
    const bus = new EventBus(stack, 'Bus');
    const dead = new Queue(stack, 'Dead');
    const orders = new Queue(stack, 'Orders', {
      visibilityTimeout: Duration.seconds(60),
      deadLetterQueue: { queue: dead, maxReceiveCount: 1 },
    });
    new Rule(stack, 'Rule', { eventBus: bus, eventPattern: { source: ['shop'] }, targets: [new SqsQueue(orders)] });
    const done = new Queue(stack, 'Done');
    const worker = fn(
      stack,
      'Worker',
      `const http = require('node:http');
       exports.handler = (event) => new Promise((resolve, reject) => {
         const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL);
         http.request({ hostname, port, method: 'POST', path: '/', headers: {
           'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' } },
           (response) => response.resume().on('end', resolve)).on('error', reject)
           .end(JSON.stringify({ QueueUrl: process.env.DONE, MessageBody: JSON.parse(event.Records[0].body).detail.order }));
       });`,
    );
    worker.addEnvironment('DONE', done.queueUrl);
    worker.addEventSource(new SqsEventSource(orders, { reportBatchItemFailures: true }));
    done.grantSendMessages(worker);
    new CfnOutput(stack, 'BusName', { value: bus.eventBusName });
    new CfnOutput(stack, 'DoneUrl', { value: done.queueUrl });
  });
  const Entries = [
    { EventBusName: output('BusName'), Source: 'shop', DetailType: 'Placed', Detail: '{"order":"o-1"}' },
  ];
  await ask('events', 'PutEvents', { Entries });
  expect(await received(output('DoneUrl'))).toBe('o-1');
});

test('a bus, a topic, a queue that filters, and a function that reads a parameter and a secret', async () => {
  await begin((stack) => {
    const topic = new Topic(stack, 'Topic');
    const bus = new EventBus(stack, 'Bus');
    new Rule(stack, 'Rule', { eventBus: bus, eventPattern: { source: ['shop'] }, targets: [new SnsTopic(topic)] });
    const large = new Queue(stack, 'Large');
    const detail = FilterOrPolicy.policy({
      cents: FilterOrPolicy.filter(SubscriptionFilter.numericFilter({ greaterThan: 100 })),
    });
    topic.addSubscription(
      new SqsSubscription(large, { filterPolicyWithMessageBody: { detail }, rawMessageDelivery: true }),
    );
    topic.addSubscription(new EmailSubscription('ops@shop.example'));
    const told = new Queue(stack, 'Told');
    const parameter = new StringParameter(stack, 'Greeting', { stringValue: 'hello' });
    const secret = new Secret(stack, 'Key', {
      generateSecretString: { secretStringTemplate: '{"user":"ada"}', generateStringKey: 'password' },
    });
    const teller = fn(
      stack,
      'Teller',
      `const { GetParameterCommand, SSMClient } = require('@aws-sdk/client-ssm');
       const { GetSecretValueCommand, SecretsManagerClient } = require('@aws-sdk/client-secrets-manager');
       const { SendMessageCommand, SQSClient } = require('@aws-sdk/client-sqs');
       exports.handler = async ({ Records: [{ Sns }] }) => {
         const { Parameter } = await new SSMClient({}).send(new GetParameterCommand({ Name: process.env.GREETING }));
         const { SecretString } = await new SecretsManagerClient({}).send(
           new GetSecretValueCommand({ SecretId: process.env.SECRET }));
         const { password } = JSON.parse(SecretString);
         await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.TOLD, MessageBody: JSON.stringify({
           greeting: Parameter.Value, samePassword: password === process.env.PASSWORD && password.length,
           cents: JSON.parse(Sns.Message).detail.cents }) }));
       };`,
    );
    teller.addEnvironment('GREETING', parameter.parameterName);
    teller.addEnvironment('SECRET', secret.secretArn);
    teller.addEnvironment('PASSWORD', secret.secretValueFromJson('password').unsafeUnwrap());
    teller.addEnvironment('TOLD', told.queueUrl);
    topic.addSubscription(new LambdaSubscription(teller));
    new CfnOutput(stack, 'BusName', { value: bus.eventBusName });
    new CfnOutput(stack, 'LargeUrl', { value: large.queueUrl });
    new CfnOutput(stack, 'ToldUrl', { value: told.queueUrl });
  });
  const put = (cents: number): Promise<unknown> =>
    ask('events', 'PutEvents', {
      Entries: [
        { EventBusName: output('BusName'), Source: 'shop', DetailType: 'Placed', Detail: JSON.stringify({ cents }) },
      ],
    });
  await put(100);
  expect(JSON.parse(await received(output('ToldUrl')))).toEqual({ greeting: 'hello', samePassword: 32, cents: 100 });
  await put(101);
  expect(JSON.parse(await received(output('LargeUrl'))).detail).toEqual({ cents: 101 });
});

test('a state machine that invokes a function', async () => {
  await begin((stack) => {
    const price = fn(stack, 'Price', 'exports.handler = async ({ parcels }) => ({ cents: parcels * 450 });');
    const task = new LambdaInvoke(stack, 'Price it', { lambdaFunction: price, payloadResponseOnly: true });
    const machine = new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(task) });
    new CfnOutput(stack, 'Arn', { value: machine.stateMachineArn });
  });
  const { executionArn } = await ask('states', 'StartExecution', {
    stateMachineArn: output('Arn'),
    input: '{"parcels":3}',
  });
  let execution = await ask('states', 'DescribeExecution', { executionArn });
  // Each look gives the function's thread a turn.
  while (execution.status === 'RUNNING') {
    await new Promise((resolve) => setImmediate(resolve));
    execution = await ask('states', 'DescribeExecution', { executionArn });
  }
  expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"cents":1350}' });
});

test('a parameter without a default asks for --parameter, and takes it', async () => {
  const build = (stack: Stack): void => {
    new Queue(stack, 'Queue');
    const size = new CfnParameter(stack, 'Size', { type: 'Number' });
    new CfnOutput(stack, 'Given', { value: size.valueAsString });
  };
  await expect(begin(build)).rejects.toThrow(/parameter 'Size' has no default.*--parameter Size=/);
  await begin(build, { Size: '12' });
  expect(output('Given')).toBe('12');
});

describe('refused with the construct and a reason', () => {
  test.each<[string, (stack: Stack) => void, RegExp]>([
    [
      'an API',
      (stack) => {
        const api = new RestApi(stack, 'Api');
        api.root.addMethod('GET', new LambdaIntegration(fn(stack, 'Get', 'exports.handler = async () => 1;')));
      },
      /Theirs\/Api \(AWS::ApiGateway::RestApi, \w+ in stack Theirs\)\n +API Gateway is not modelled/,
    ],
    [
      'files that are put into a bucket',
      (stack) => {
        const bucket = new Bucket(stack, 'Site', { removalPolicy: RemovalPolicy.DESTROY });
        const sources = [Source.asset(folder({ 'index.html': '<p>' }))];
        new BucketDeployment(stack, 'Deploy', { sources, destinationBucket: bucket });
      },
      /Theirs\/Deploy\/AwsCliLayer \(AWS::Lambda::LayerVersion/,
    ],
    [
      'a macro of SAM',
      (stack) => {
        new Queue(stack, 'Queue');
        stack.templateOptions.transforms = ['AWS::Serverless-2016-10-31'];
      },
      /the macro "AWS::Serverless-2016-10-31" runs inside AWS/,
    ],
  ])('%s', async (_, build, said) => {
    await expect(begin(build)).rejects.toThrow(said);
  });
});

test("CDK's provider framework: a function that calls a function", async () => {
  await begin((stack) => {
    const onEventHandler = fn(
      stack,
      'OnEvent',
      'exports.handler = async (e) => ({ PhysicalResourceId: "zone-1", Data: { Name: e.ResourceProperties.Zone + ".example" } });',
    );
    const { serviceToken } = new Provider(stack, 'Provider', { onEventHandler });
    const zone = new CustomResource(stack, 'Zone', { serviceToken, properties: { Zone: 'eu' } });
    new CfnOutput(stack, 'Name', { value: zone.getAttString('Name') });
  });
  expect(output('Name')).toBe('eu.example');
});

test('a bucket whose objects are deleted with it', async () => {
  await begin((stack) => {
    const bucket = new Bucket(stack, 'Box', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
    new CfnOutput(stack, 'BoxName', { value: bucket.bucketName });
  });
  const names = (await ask('s3', 'ListBuckets', {})).Buckets.map(({ Name }: any) => Name);
  expect(names).toContainEqual(expect.stringMatching(/^theirs-box/));
});
