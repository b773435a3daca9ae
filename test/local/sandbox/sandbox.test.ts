import { bundled, json, sandbox } from './support';

const greeting = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { randomUUID } from 'node:crypto';
const client = new DynamoDBClient({});
let warm = 0;
export const handler = middy(async (event: { name: string }) => {
  const id = randomUUID();
  const before = Date.now();
  await client.send(new PutItemCommand({ TableName: 'greetings', Item: { id: { S: id }, name: { S: event.name } } }));
  return { id, warm: warm++, took: Date.now() - before, at: new Date().toISOString(), chance: Math.random() };
});
`;

describe('a bundled handler with the AWS SDK and middy', () => {
  for (const format of ['cjs', 'esm'] as const) {
    test(`${format}: calls DynamoDB through the transport, on virtual time, and stays warm`, async () => {
      const folder = bundled(greeting, { format });
      const box = sandbox({ transport: async () => json(200, {}) });
      const first = await box.invoke(folder, { name: 'Ada' });
      expect(first).toMatchObject({ functionError: undefined, reusable: true });
      expect(first.json).toMatchObject({ warm: 0, at: expect.stringMatching(/^2026-11-24T09:00:00/) });
      expect(first.json.took).toBeGreaterThanOrEqual(2);
      const second = await box.invoke(folder, { name: 'Ben' }, { cold: false });
      expect(second.json.warm).toBe(1);
      expect(box.requests).toHaveLength(2);
      expect(box.requests[0]).toMatchObject({
        method: 'POST',
        headers: { host: 'dynamodb.us-east-1.amazonaws.com', 'x-amz-target': 'DynamoDB_20120810.PutItem' },
      });
      expect(JSON.parse(box.requests[1]!.body.toString()).Item.name).toEqual({ S: 'Ben' });
    });
  }
});
