/** A new release in the middle of it: what a change of the idempotency key does to messages that are under way. */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSeed, simulate } from '../../../lib/sim';
import { remembering, shop } from './shop';
import { properties, timing, workload } from './workload';

const outDir = mkdtempSync(join(tmpdir(), 'baton-release-'));
const before = shop(remembering);
/** Right by itself: but what the release before has seen, it has not. */
const otherKey = shop(remembering.replace("'seen '", "'done '"));
/** Looks for what the release before has written as well. */
const bothKeys = shop(
  remembering
    .replaceAll("'seen '", "'done '")
    .replace(
      'TransactItems: [',
      "TransactItems: [{ ConditionCheck: { TableName, Key: { id: { S: 'seen ' + order } }, ConditionExpression: 'attribute_not_exists(id)' } }, ",
    )
    .replace(
      "error.CancellationReasons?.[0]?.Code !== 'ConditionalCheckFailed'",
      "!error.CancellationReasons?.some(({ Code }) => Code === 'ConditionalCheckFailed')",
    ),
);

const faults = ['duplicate-delivery', 'replay', 'crash-after-call', 'redrive'];
const run = (assembly: string, previous?: string) =>
  simulate({ assembly, previous, workload, properties, timing, faults, seeds: 30, shrinkMs: 0, outDir });

test('a new idempotency key passes alone, and counts twice what comes again across the deployment', async () => {
  expect(await run(otherKey)).toMatchObject({ verdict: 'passed', passed: 30 });
  const { failures } = await run(otherKey, before);
  expect(failures[0]!.violations[0]!.found).toMatch(/'customer-\d' placed \d+ order\(s\), and \d+ were counted/);
  expect(failures[0]!.text).toContain('runs the new code from here on');
});

test('a release that knows both keys passes', async () => {
  expect(await run(bothKeys, before)).toMatchObject({ verdict: 'passed', passed: 30 });
});

test('every function has the new code in the end, each deployed once, and a seed does it again exactly', async () => {
  const one = (seed: string) =>
    runSeed({
      assembly: otherKey,
      previous: before,
      workload,
      properties,
      seed,
      faults: [],
      ...timing,
      keepTrace: true,
    });
  const [first, again] = [await one('5'), await one('5')];
  expect(first.trace!.filter(({ kind }) => kind === 'deployed')).toHaveLength(1);
  expect(again.digest).toBe(first.digest);
});

test('a release with the same code proves nothing, and says so', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'baton-release-copy-'));
  cpSync(before, copy, { recursive: true });
  await expect(run(before, copy)).rejects.toThrow('has the same code for every function');
});
