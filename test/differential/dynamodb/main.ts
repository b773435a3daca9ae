/**
 * Baton's table service against Amazon's DynamoDB Local: random tables, items and requests, replies equal field by field.
 *
 *   npm run test:dynamodb -- --operations 20000 --seed 7 --survey
 *
 * The seed gives the same run again. A failing case is cut down to the requests that matter, which are printed as JSON.
 * `--survey` does not stop at a failure but counts the kinds of differences. Needs Java; says so where there is none.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { javaIsHere, startAmazonsTables, type Tables } from './amazon';
import { refusalText } from './compare';
import { type Fault, faultOf, isToldBy } from './faults';
import { type Case, oneCase } from './generate/requests';
import { type KnownDifference, knownDifferences, severalFaults } from './known-differences';
import { type Met, runCase } from './run';

const { values: given } = parseArgs({
  options: {
    operations: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    length: { type: 'string', default: '80' },
    survey: { type: 'boolean', default: false },
  },
});
const [operations, seed, length] = [Number(given.operations), Number(given.seed), Number(given.length)];
const casesARound = 20;
/** Below this many operations a row that was never met proves nothing. */
const enoughForEveryRow = 20_000;

class Tally {
  /** Faults that both named for one request, and those of ours that were excused beside another of theirs. */
  readonly confirmed = new Set<Fault>();
  readonly excusedFaults = new Set<Fault>();
  asked = 0;
  refused = 0;
  excused = 0;
  readonly rows = new Map<KnownDifference, number>();
  readonly kinds = new Map<string, { count: number; example: Met }>();

  /** Of what is unexplained, for a survey. */
  readonly cases = new Map<Met, Case>();

  add(met: Met, one: Case): void {
    this.asked++;
    if (met.theirs.status !== 200) this.refused++;
    if (met.known.length > 0) this.excused++;
    for (const row of new Set(met.known)) this.rows.set(row, (this.rows.get(row) ?? 0) + 1);
    this.addFault(met);
    const [first] = met.unknown;
    if (!first) return;
    this.cases.set(met, one);
    const kind = `${met.request.operation} ${first.field.replace(/\[\d+\]/g, '[]')}\n    ours   ${brief(first.ours)}\n    theirs ${brief(first.theirs)}`;
    const known = this.kinds.get(kind) ?? { count: 0, example: met };
    known.count++;
    this.kinds.set(kind, known);
  }

  private addFault({ ours, theirs, known }: Met): void {
    if (ours.status === 200 || theirs.status === 200) return;
    const our = faultOf('ours', refusalText(ours));
    if (our && isToldBy(our, refusalText(theirs))) this.confirmed.add(our);
    else if (our && known.includes(severalFaults)) this.excusedFaults.add(our);
  }
}

const brief = (text: string): string =>
  text
    .replace(/x{9,}|y{9,}/g, 'x…')
    .replace(/[#:][nv]\d+/g, '#')
    .slice(0, 400);
const shown = ({ request, ours, theirs }: Met): string =>
  `${request.operation} ${JSON.stringify(request.input)}\n  ours   ${ours.status} ${JSON.stringify(ours.body)}\n  theirs ${theirs.status} ${JSON.stringify(theirs.body)}`;

/** Where a case parts first, if it does. */
async function parting(one: Case, amazon: Tables, heard: (met: Met) => void = () => {}): Promise<Met | undefined> {
  let parted: Met | undefined;
  await runCase(one, amazon, (met) => {
    heard(met);
    if (met.unknown.length > 0) parted ??= met;
  });
  return parted;
}

/** The same case without the requests that are not needed for the two to part, and where they part then. */
async function least(failing: Case, first: Met, amazon: Tables): Promise<{ one: Case; met: Met }> {
  const until = failing.requests.indexOf(first.request) + 1;
  let one = { ...failing, requests: failing.requests.slice(0, until) };
  let met = first;
  for (let at = one.requests.length - 1; at >= 0; at--) {
    const fewer = { ...one, requests: one.requests.filter((_, index) => index !== at) };
    const still = await parting(fewer, amazon);
    if (still) [one, met] = [fewer, still];
  }
  return { one, met };
}

const report = ({ one, met }: { one: Case; met: Met }): string =>
  [
    'the least that was found to differ:',
    ...one.tables.map(({ input }) => `  CreateTable ${JSON.stringify(input)}`),
    ...one.requests.map(({ operation, input }) => `  ${operation} ${JSON.stringify(input)}`),
    'they part at',
    shown(met),
    ...met.unknown.map(({ field, ours, theirs }) => `  ${field}: ours ${ours}, theirs ${theirs}`),
  ].join('\n');

/** Runs cases until enough was asked. The first failing one, made small; a survey counts kinds of differences instead. */
async function compareBoth(amazon: Tables, tally: Tally): Promise<string | undefined> {
  for (let round = 0; tally.asked < operations; round++) {
    for (const one of fc.sample(oneCase(length), { seed: seed + round, numRuns: casesARound })) {
      const parted = await parting(one, amazon, (met) => tally.add(met, one));
      if (parted && !given.survey) return report(await least(one, parted, amazon));
    }
  }
  for (const [kind, { count, example }] of [...tally.kinds].sort(([, a], [, b]) => b.count - a.count))
    console.log(
      `${count} × ${kind}\n    for example ${brief(shown(example)).slice(0, 1500)}\n    of ${JSON.stringify(tally.cases.get(example)?.tables.map(({ input }) => input)).slice(0, 3000)}`,
    );
  return undefined;
}

async function main(): Promise<void> {
  if (!javaIsHere()) {
    console.log('skipped: DynamoDB Local needs Java, and there is none here');
    return;
  }
  const started = performance.now();
  const amazon = await startAmazonsTables();
  const tally = new Tally();
  const failure = await compareBoth(amazon, tally);
  amazon.stop();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${tally.asked} operations compared (seed ${seed}, ${seconds} s): ${tally.asked - tally.refused} done, ${tally.refused} refused; ${tally.excused} differ in known ways`,
  );
  for (const [row, count] of [...tally.rows].sort(([, a], [, b]) => b - a)) console.log(`  ${count} × ${row.reason}`);
  const unmet = knownDifferences.filter((row) => !tally.rows.has(row));
  if (tally.asked >= enoughForEveryRow && unmet.length > 0) {
    console.log('known differences that this run never met (is their cause gone?):');
    for (const { reason } of unmet) console.log(`  ${reason}`);
  }
  const unconfirmed = [...tally.excusedFaults].filter((fault) => !tally.confirmed.has(fault));
  if (tally.asked >= enoughForEveryRow && unconfirmed.length > 0) {
    console.log('faults that Baton named where DynamoDB Local named another, and that both never named together:');
    for (const { ours } of unconfirmed) console.log(`  ${ours}`);
    process.exitCode = 1;
  }
  if (failure) {
    console.log(failure);
    process.exitCode = 1;
  }
  if (tally.kinds.size > 0) process.exitCode = 1;
}

main();
