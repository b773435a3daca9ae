/** The short way of SDK calls (short-way.ts): nobody can tell it from the whole way, and what is not usual goes the whole way. */
import { resolve } from 'node:path';
import type { FaultDecision, Faults } from '../../../lib/local/ports';
import { sharedMark } from '../../../lib/local/sandbox/bundle';
import { shortWays } from '../../../lib/local/sandbox/shared-code';
import type { HttpResponse } from '../../../lib/local/wire/transport';
import { faults, runSeed } from '../../../lib/sim';
import { parcels, properties } from '../../sim/workload';
import { assemblyDir } from '../../support/assembly';
import { codeDir, json, sandbox } from './support';

afterEach(() => {
  shortWays.on = true;
});

const caller = codeDir({
  'index.js': `
const { DynamoDBClient, GetItemCommand, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const { SFNClient, SendTaskSuccessCommand } = require('@aws-sdk/client-sfn');
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const requestHandler = { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true };
const table = new DynamoDBClient({ requestHandler });
const states = new SFNClient({ requestHandler });
const item = { id: { S: 'a' }, bytes: { B: Buffer.from([1, 2, 255]) }, n: { N: '1.50' } };
const put = () => table.send(new PutItemCommand({ TableName: 'records', Item: item }));
const ways = {
  put,
  get: () => table.send(new GetItemCommand({ TableName: 'records', Key: { id: { S: 'a' } } })),
  states: () => states.send(new SendTaskSuccessCommand({ taskToken: 't', output: '{}' })),
  twice: async () => [await put(), await put()],
  side: () => Promise.all([put(), put()]),
  again: async () => { const command = new PutItemCommand({ TableName: 'records', Item: item }); await table.send(command); return table.send(command); },
  option: () => table.send(new PutItemCommand({ TableName: 'records', Item: item }), { requestTimeout: 500 }),
  aborted: () => table.send(new PutItemCommand({ TableName: 'records', Item: item }), { abortSignal: AbortSignal.timeout(700) }),
  callback: () => new Promise((done, fail) => table.send(new PutItemCommand({ TableName: 'records', Item: item }), (e, x) => (e ? fail(e) : done(x)))),
  patient: () => new DynamoDBClient({}).send(new PutItemCommand({ TableName: 'records', Item: item })),
  socket: () => new DynamoDBClient({ requestHandler: { socketTimeout: 9000 } }).send(new PutItemCommand({ TableName: 'records', Item: item })),
  elsewhere: () => new DynamoDBClient({ endpoint: 'https://dynamodb.eu-west-1.amazonaws.com' }).send(new PutItemCommand({ TableName: 'records', Item: item })),
  queue: () => new SQSClient({}).send(new SendMessageCommand({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q', MessageBody: 'x' })),
  later: async () => {
    const client = new DynamoDBClient({});
    await client.send(new PutItemCommand({ TableName: 'records', Item: item }));
    const mark = (next) => (args) => { args.request.headers['x-mark'] = 'yes'; return next(args); };
    client.middlewareStack.add(mark, { step: 'build', name: 'mark' });
    return client.send(new PutItemCommand({ TableName: 'records', Item: item }));
  },
  own: async () => {
    const command = new PutItemCommand({ TableName: 'records', Item: item });
    command.middlewareStack.add((next) => (args) => { args.request.headers['x-mark'] = 'yes'; return next(args); }, { step: 'build', name: 'mark' });
    return table.send(command);
  },
};
exports.handler = async ({ act }) => {
  const began = Date.now();
  try {
    const value = await ways[act]();
    return { value, took: Date.now() - began, chance: Math.random() };
  } catch (error) {
    const { name, message, code, $fault, $metadata, $retryable, Item, CancellationReasons } = error;
    const rest = { code, $fault, $metadata, $retryable, Item, CancellationReasons, status: error.$response?.statusCode };
    return { name, message, ...rest, isError: error instanceof Error, took: Date.now() - began, chance: Math.random() };
  }
};`,
});

interface Case {
  act: string;
  answers?: HttpResponse[];
  fault?: FaultDecision;
  /** How often it strikes; default: always. */
  times?: number;
  variables?: Record<string, string>;
}

async function call({ act, answers = [], fault, times = Number.POSITIVE_INFINITY, variables }: Case, on: boolean) {
  shortWays.on = on;
  let struck = 0;
  const faults: Faults = {
    decide: (crossing) => (crossing.at === 'sdk' && fault && struck++ < times ? fault : undefined),
  };
  const left = [...answers];
  const box = sandbox({ faults, transport: async () => left.shift() ?? json(200, {}) });
  const { json: answer, functionError } = await box.invoke(caller, { act }, { timeoutSeconds: 60, variables });
  await box.runtime.stop();
  const asked = box.requests.map(({ method, path, headers, body }) => ({
    method,
    path,
    host: headers.host,
    target: headers['x-amz-target'],
    type: headers['content-type'],
    body: body.toString(),
  }));
  return { answer, functionError, asked, short: box.requests.filter(({ headers }) => !headers.authorization).length };
}

const condition = json(400, {
  __type: 'com.amazonaws#ConditionalCheckFailedException',
  message: 'no',
  Item: { a: { S: 'x' } },
});
const throttled = json(400, { __type: 'ThrottlingException', message: 'slow down' });
const cases: Record<string, Case> = {
  'an answer': { act: 'get', answers: [json(200, { Item: { id: { S: 'a' }, bytes: { B: 'AQL/' } } })] },
  'Step Functions': { act: 'states' },
  'calls one after the other': { act: 'twice' },
  'calls side by side': { act: 'side' },
  'one command sent twice': { act: 'again' },
  'an error with members': { act: 'put', answers: [condition] },
  'an error of Step Functions': { act: 'states', answers: [json(400, { __type: 'TaskTimedOut', message: 'late' })] },
  'an error that nobody knows': { act: 'put', answers: [json(418, { __type: 'Teapot', message: 'short and stout' })] },
  'throttled twice': { act: 'put', answers: [throttled, throttled] },
  'throttled for ever': { act: 'put', answers: [throttled, throttled, throttled, throttled, throttled] },
  'a failing service': { act: 'put', answers: [json(500, {}), json(503, { message: 'x' })] },
  'an answer that is no JSON': { act: 'get', answers: [{ status: 200, headers: {}, body: Buffer.from('<html>') }] },
  'a broken connection': { act: 'put', fault: { do: 'fail-before', error: 'network' } as FaultDecision, times: 1 },
  'broken for ever': { act: 'put', fault: { do: 'fail-after', error: 'network' } as FaultDecision },
  'no answer': { act: 'put', fault: { do: 'lose' }, times: 1 },
  'no answer for ever': { act: 'put', fault: { do: 'answer-lost' } },
  'a late answer': { act: 'put', fault: { do: 'later', laterMs: 2500 }, times: 1 },
  'no time-out set': { act: 'patient', fault: { do: 'later', laterMs: 30_000 }, times: 1 },
};

test.each(Object.entries(cases))('%s: the same result, requests, time and chance as the whole way', async (_, one) => {
  const [short, whole] = [await call(one, true), await call(one, false)];
  expect(short.short).toBe(short.asked.length);
  expect(whole.short).toBe(0);
  expect(short.answer).toEqual(whole.answer);
  expect(short.asked).toEqual(whole.asked);
  expect(short.functionError).toBe(whole.functionError);
});

const unusual: Record<string, Case> = {
  'an option of the call': { act: 'option' },
  'a signal': { act: 'aborted', fault: { do: 'later', laterMs: 5000 } },
  'a callback': { act: 'callback' },
  'another time-out': { act: 'socket' },
  'another endpoint': { act: 'elsewhere' },
  'an endpoint of the environment': {
    act: 'put',
    variables: { AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.us-east-1.amazonaws.com' },
  },
  'a service with middleware of its own': {
    act: 'queue',
    answers: [json(200, { MessageId: 'm', MD5OfMessageBody: '9dd4e461268c8034f5c8564e155c67a6' })],
  },
  "a command's own middleware": { act: 'own' },
};

test.each(Object.entries(unusual))('%s: the whole way', async (_, one) => {
  const [asked, whole] = [await call(one, true), await call(one, false)];
  expect(asked.short).toBe(0);
  expect(asked.answer).toEqual(whole.answer);
  expect(asked.asked).toEqual(whole.asked);
});

test('middleware that is added later: the whole way from then on', async () => {
  const { short, asked, answer } = await call({ act: 'later' }, true);
  expect({ short, asked: asked.length }).toEqual({ short: 1, asked: 2 });
  expect(answer.value.$metadata.httpStatusCode).toBe(200);
});

test.each([
  ['a class that is no client', 'exports.Post = class Post { send(...all) { return all.length; } };', 4],
  ['nothing', 'module.exports = null;', 'nothing'],
])('a shared file that exports %s stays as it is', async (_, library, expected) => {
  const index = `const library = require('./library.js');
exports.handler = async () => { const sent = library ? new library.Post().send(1, undefined, undefined, 4) : 'nothing'; return sent; };`;
  const box = sandbox();
  const folder = codeDir({ 'index.js': index, 'library.js': `${sharedMark}\n${library}` });
  expect((await box.invoke(folder, {})).json).toBe(expected);
  await box.runtime.stop();
});

test.each(['ab1', 'ab2', 'ab4', 'ab5'])(
  'seed %s of the app has the same trace, byte for byte, the whole way',
  async (seed) => {
    const run = async () => {
      const options = { assembly: resolve(assemblyDir()), workload: parcels(4), properties, seed, faults };
      return (await runSeed({ ...options, keepTrace: true })).digest;
    };
    const short = await run();
    shortWays.on = false;
    expect(await run()).toBe(short);
  },
);
