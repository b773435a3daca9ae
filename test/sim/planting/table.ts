/** The outcome of `npm run simulate:planted`, for people: Markdown, so that it can stand in the docs as it is. */
import type { Row } from './command';

export function table(rows: readonly Row[], clean: readonly Row[], seconds: number): string {
  const found = rows.filter(({ result }) => result?.found).length;
  const cleanSeeds = clean.reduce((sum, { result }) => sum + (result?.seeds ?? 0), 0);
  const failed = clean.filter(({ result }) => !result || result.found);
  return [
    '| Mistake | Rule | Found by | Seeds | Virtual time |',
    '| ------- | ---- | -------- | ----: | -----------: |',
    ...rows.map(line),
    '',
    `${found} of ${rows.length} planted mistakes found.`,
    ...(cleanSeeds > 0 || failed.length > 0
      ? [
          failed.length === 0
            ? `The app as it is passes ${cleanSeeds} seed(s).`
            : `The app as it is FAILS: ${failed.map(({ result, broken }) => broken ?? `${result?.property}: ${result?.sentence}`).join('; ')}`,
        ]
      : []),
    `${seconds.toFixed(0)} s.`,
  ].join('\n');
}

function line({ mistake, result, broken }: Row): string {
  const name = `${mistake!.name}: ${mistake!.mistake}`.replaceAll('|', '\\|');
  const cells = broken
    ? [`BROKEN PATCH: ${broken.replace(/\s+/g, ' ').replaceAll('|', '\\|')}`, '', '']
    : [result!.found ? result!.property! : 'NOT FOUND', String(result!.seeds), hours(result!.virtualMs)];
  return `| ${[name, mistake!.rule ?? '', ...cells].join(' | ')} |`;
}

const hours = (ms: number): string => `${(ms / 3_600_000).toFixed(1)} h`;
