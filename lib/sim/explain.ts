/** A failure for people: shrunk, with the property and its values, the timeline, the picture and the one command. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pictureOf } from './picture';
import type { SeedOptions, SeedResult, Violation } from './seed';
import { shrink } from './shrink';
import type { Strike } from './strike';
import { clock, renderTimeline, timelineOf } from './timeline';

export interface Explained {
  seed: string;
  /** Of the run as it was found. */
  violations: Violation[];
  /** What is left of the faults. */
  strikes: readonly Strike[];
  found: { strikes: number; publications: number };
  /** Events from outside that are left. */
  publications: number;
  /** Runs that shrinking took. */
  runs: number;
  picture: string;
  replay: string;
  text: string;
}

export interface ExplainOptions {
  outDir: string;
  shrinkMs: number;
  /** '{seed}' is replaced. */
  replayCommand: string;
}

export async function explain(options: SeedOptions, failed: SeedResult, how: ExplainOptions): Promise<Explained> {
  const { seed, violations } = failed;
  const { result, schedule, without, runs, repeats } = await shrink(options, failed, how.shrinkMs);
  const shown = result.violations.length > 0 ? result.violations : violations;
  const lines = timelineOf(result.trace ?? [], shown, result.startedMs);
  const replay = how.replayCommand.replaceAll('{seed}', seed);
  const publications = result.publications - without.size;
  const count = `${schedule.length} of ${failed.strikes.length} fault(s) and ${publications} of ${failed.publications} published event(s)`;
  const strikes = schedule.map(sentence);
  const properties = [...new Map(shown.map((one) => [`${one.property} ${one.found}`, one])).values()].slice(0, 5);
  const broken = properties.map(({ property, says, found }) => `${property}: ${says}\n  ${found}`);
  const paragraphs = [
    ...broken,
    repeats
      ? `${count} are left after ${runs} runs.`
      : 'It does not fail again from its faults alone, so nothing could be left out.',
    `Again: ${replay}`,
  ];
  const picture = resolve(join(how.outDir, `seed-${seed.replace(/[^\w-]/g, '_')}.html`));
  mkdirSync(how.outDir, { recursive: true });
  writeFileSync(picture, pictureOf({ title: `Seed ${seed} fails`, paragraphs, strikes }, lines));
  const text = [
    `seed ${seed} fails`,
    ...broken.map((one) => `  ${one.replaceAll('\n', '\n  ')}`),
    `what went wrong on purpose (${paragraphs.at(-2)})`,
    ...(strikes.length > 0 ? strikes.map((one) => `  ${one}`) : ['  nothing: it fails without any fault']),
    'what happened',
    renderTimeline(lines),
    `picture: ${picture}`,
    `again:   ${replay}`,
  ].join('\n');
  return {
    seed,
    violations: shown,
    strikes: schedule,
    found: { strikes: failed.strikes.length, publications: failed.publications },
    publications,
    runs,
    picture,
    replay,
    text,
  };
}

const sentence = ({ fault, where, atMs, parameters }: Strike): string => {
  const more = JSON.stringify(parameters);
  return `${clock(atMs)} ${fault}${more === '{}' ? '' : ` ${more}`} at ${where}`;
};
