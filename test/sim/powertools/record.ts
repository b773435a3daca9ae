/**
 * `npx tsx test/sim/powertools/record.ts [--only 1,3] [--seeds 300]`: hunts each claim by seeds 1, 2, 3 and so on, until
 * its property breaks; then lets this repository's app live through as many seeds of the same faults, and twenty at least. Writes found.json
 * and the table of docs/simulate.md. Exit code 1: one was not found, or this repository's app broke a promise.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Report, simulate } from '../../../lib/sim';
import { assemblyDir } from '../../support/assembly';
import { chargingApp } from './app';
import { type Claim, claims, ourTiming } from './claims';
import { type Found, readFound, writeDocs, writeFound } from './table';

const outDir = mkdtempSync(join(tmpdir(), 'baton-powertools-pictures-'));

async function record(claim: Claim, seeds: number): Promise<Found> {
  const { app, faults, workload, timing, property, ours } = claim;
  const theirs = await simulate({
    assembly: chargingApp(app),
    workload,
    properties: [property],
    faults,
    timing,
    seeds,
    outDir,
    shrinkMs: 15_000,
  });
  tell(claim.name, theirs);
  const [failure] = theirs.failures;
  const own = await simulate({
    assembly: assemblyDir(),
    workload: ours.workload,
    properties: ours.properties,
    faults,
    timing: ourTiming(claim),
    seeds: Math.max(20, theirs.seeds),
    outDir,
    keepGoing: true,
  });
  tell(`ours: ${ours.rule}`, own);
  return {
    seeds: theirs.seeds,
    sentence: failure?.violations.find(({ property: broken }) => broken === property.name)?.found,
    left: (failure?.strikes ?? []).map(({ fault, where }) => `${fault} at ${where}`).join('; '),
    ours: { seeds: own.seeds, passed: own.passed },
  };
}

function tell(what: string, { verdict, seeds, passed, seconds, failures, inconclusive }: Report): void {
  console.log(`${what}\n  ${verdict}: ${passed} of ${seeds} seeds passed, ${seconds.toFixed(1)} s`);
  for (const { text } of failures) console.log(text.replaceAll(/^/gm, '  '));
  for (const { seed, unquiet } of inconclusive) console.log(`  seed ${seed}: ${unquiet}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, seeds: { type: 'string', default: '300' } } });
  const only = values.only?.split(',').map((number) => claims[Number(number) - 1]!) ?? claims;
  const found = readFound();
  for (const claim of only) found[claim.name] = await record(claim, Number(values.seeds));
  writeFound(found);
  writeDocs(found);
  return claims.every(({ name }) => found[name]?.sentence && found[name].ours.passed === found[name].ours.seeds)
    ? 0
    : 1;
}

main().then((code) => {
  process.exitCode = code;
});
