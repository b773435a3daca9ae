/** What clients are told. Attempts of the SDK: one where our own loops go on anyway (decision 115), three where they do not. */
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

describe("what the SDK's clients would look for is in AWS's variables", () => {
  const variables = ['AWS_REGION', 'AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'] as const;
  const before = variables.map((name) => process.env[name]);
  const give = (values: readonly (string | undefined)[]): void =>
    variables.forEach((name, index) => {
      if (values[index] === undefined) delete process.env[name];
      else process.env[name] = values[index];
    });
  afterEach(() => give(before));

  test.each([
    { set: ['eu-central-1', undefined, undefined], fips: false, dualstack: false },
    { set: ['us-gov-west-1', 'true', undefined], fips: true, dualstack: false },
    { set: ['eu-west-1', 'false', 'true'], fips: false, dualstack: true },
  ])('$set', async ({ set, fips, dualstack }) => {
    give(set);
    let fresh!: typeof import('../../../lambdas/shared/environment');
    jest.isolateModules(() => {
      fresh = require('../../../lambdas/shared/environment');
    });
    for (const client of [fresh.dynamodb, fresh.events, fresh.sqs, fresh.s3, fresh.states, fresh.scheduler]) {
      const { config } = client() as unknown as { config: Record<string, () => Promise<unknown>> };
      expect(await config.region!()).toBe(set[0]);
      expect(await config.useFipsEndpoint!()).toBe(fips);
      expect(await config.useDualstackEndpoint!()).toBe(dualstack);
    }
  });
});
