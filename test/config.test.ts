import { readSettings } from '../lib/config';

const read = (context: Record<string, unknown>, env: Record<string, string> = {}) =>
  readSettings((key) => context[key], env);

describe('settings', () => {
  test('without any, stage dev keeps what has memory and watches a deadline of half an hour', () => {
    expect(read({})).toEqual({
      stage: 'dev',
      logRetentionDays: 14,
      removal: 'retain',
      deletionProtection: false,
      dispatchDeadlineSeconds: 1800,
      alarmEmail: undefined,
      tags: { app: 'baton', stage: 'dev' },
    });
  });

  test('stage prod protects its tables and keeps its logs longer', () => {
    expect(read({ stage: 'prod' })).toMatchObject({
      deletionProtection: true,
      logRetentionDays: 90,
      removal: 'retain',
    });
  });

  test('the context goes before the environment', () => {
    const env = { BATON_STAGE: 'test', BATON_DISPATCH_DEADLINE_SECONDS: '60', BATON_TAGS: 'team=parcels, cost=42' };
    expect(read({ stage: 'staging' }, env)).toMatchObject({
      stage: 'staging',
      dispatchDeadlineSeconds: 60,
      tags: { team: 'parcels', cost: '42', app: 'baton', stage: 'staging' },
    });
  });

  test.each([
    [{ stage: 'Prod' }, 'context \'stage\' is "Prod"; allowed: 1 to 20 lower-case letters'],
    [{ stage: ['dev'] }, 'context \'stage\' is ["dev"]; allowed:'],
    [{ logRetentionDays: '10' }, 'context \'logRetentionDays\' is "10"; allowed: 1, 3, 5, 7, 14'],
    [{ dispatchDeadlineSeconds: '0' }, 'allowed: 1 to 2592000'],
    [{ dispatchDeadlineSeconds: '1.5' }, 'allowed: 1 to 2592000'],
    [{ removal: 'keep' }, "allowed: 'retain' or 'destroy'"],
    [{ alarmEmail: 'on call' }, 'allowed: one e-mail address'],
    [{ tags: 'team' }, "allowed: 'name=value' pairs"],
    [{ stage: 'prod', removal: 'destroy' }, "removal is 'destroy' in stage 'prod'"],
  ])('%j is refused in words', (context, words) => {
    expect(() => read(context)).toThrow(expect.objectContaining({ name: 'SettingsError' }));
    expect(() => read(context)).toThrow(words);
  });

  test('a bad value of the environment is named by its variable', () => {
    expect(() => read({}, { BATON_STAGE: 'a b' })).toThrow('BATON_STAGE is "a b"');
  });
});
