/** A service that fails on an input of wrong types: the caller is told what AWS's API layer would say, not 'a bug of ours'. */
import { createWire } from '../../../lib/local/wire';
import { maxBytesOf } from '../../../lib/local/wire/transport';

const failing = createWire(async () => {
  throw new TypeError('Cannot read properties of undefined');
});

const ask = async (target: string, content: string) => {
  const headers = { host: '127.0.0.1', 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const { status, body } = await failing.handle({ method: 'POST', path: '/', headers, body: Buffer.from(content) });
  const { __type, message } = JSON.parse(body.toString('utf8'));
  return `${status} ${__type}: ${message}`;
};

test.each<[what: string, target: string, content: string, said: string]>([
  [
    'a text for a list',
    'AWSEvents.PutEvents',
    '{"Entries":"none"}',
    "400 SerializationException: The request's body could not be read: Entries is a string where a list is needed",
  ],
  [
    'a number deep inside',
    'AWSEvents.PutEvents',
    '{"Entries":[{"Detail":5}]}',
    "400 SerializationException: The request's body could not be read: Entries[0].Detail is a number where a string is needed",
  ],
  [
    'null in a list',
    'AWSEvents.UntagResource',
    '{"ResourceARN":"a","TagKeys":[null]}',
    "400 SerializationException: The request's body could not be read: TagKeys[0] is null",
  ],
  [
    'what must be there is null',
    'AWSEvents.UntagResource',
    '{"ResourceARN":"a","TagKeys":null}',
    "400 ValidationException: 1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
  ],
  [
    'an input that fits: ours to repair, and nothing of the failure is told',
    'AWSEvents.UntagResource',
    '{"ResourceARN":"a","TagKeys":["b"]}',
    '500 InternalFailure: The local runtime failed to answer; this is a bug in it.',
  ],
])('%s', async (_, target, content, said) => {
  expect(await ask(target, content)).toBe(said);
});

test('a batch of DynamoDB may have 16 MB, as on AWS', () => {
  expect([
    maxBytesOf('POST', '/', 'DynamoDB_20120810.BatchWriteItem'),
    maxBytesOf('POST', '/', 'AmazonSQS.SendMessage'),
  ]).toEqual([16_777_216, 10_485_760]);
});
