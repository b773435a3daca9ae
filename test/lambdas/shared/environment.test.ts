/** Attempts of the SDK: one where our own loops go on anyway (decision 115), three where they do not. */
import { dynamodb, events, s3, scheduler, sqs, states } from '../../../lambdas/shared/environment';

test.each([
  { of: events, attempts: 1 },
  { of: scheduler, attempts: 1 },
  { of: states, attempts: 1 },
  { of: sqs, attempts: 1 },
  { of: dynamodb, attempts: 3 },
  { of: s3, attempts: 3 },
])('$of.name: at most $attempts', async ({ of, attempts }) => {
  const client = of() as unknown as { config: { maxAttempts(): Promise<number> } };
  expect(await client.config.maxAttempts()).toBe(attempts);
});
