/** What was found, kept beside the claims, and how docs/simulate.md tells it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../lib/constructs/bundle';
import { claims } from './claims';

export interface Found {
  /** Of seeds 1, 2, 3 ..., the one that broke the property; how many were tried, where `sentence` is missing. */
  seeds: number;
  sentence?: string;
  /** What shrinking left of the faults. */
  left: string;
  ours: { seeds: number; passed: number };
}

const foundFile = join(__dirname, 'found.json');
const docsFile = join(projectRoot, 'docs', 'simulate.md');
const marks = /(<!-- powertools: .* -->\n)([\s\S]*?)(<!-- end of powertools -->)/;

export const readFound = (): Record<string, Found> =>
  existsSync(foundFile) ? JSON.parse(readFileSync(foundFile, 'utf8')) : {};

/** In the order of the claims, and nothing of claims that are gone. */
export function writeFound(found: Record<string, Found>): void {
  const kept = Object.fromEntries(claims.flatMap(({ name }) => (found[name] ? [[name, found[name]]] : [])));
  writeFileSync(foundFile, `${JSON.stringify(kept, null, 2)}\n`);
}

/** Times of a run say nothing to a reader. */
const short = (sentence: string): string => sentence.replaceAll(/ at \d{4}-[\d\-T:.]+Z/g, '');

export function tableOf(found: Record<string, Found>): string {
  const rows = claims.map(({ name, thrown, faults, property, ours }) => {
    const { seeds, sentence, ours: own } = found[name]!;
    return [
      name,
      `${thrown}${faults.length > 0 ? ` (\`${faults.join('`, `')}\`)` : ''}`,
      sentence ? `${seeds}` : `not found in ${seeds}`,
      sentence ? `\`${property.name}\`: ${short(sentence)}` : `\`${property.name}\` holds`,
      `${ours.rule}. ${own.passed} of ${own.seeds} seeds pass; its opposite is planted: \`${ours.planted}\``,
    ];
  });
  const head = ['Claim', 'What the simulator threw', 'Found after seeds', 'Property and sentence', 'Our protocol'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

export function tableInDocs(): string {
  const table = marks.exec(readFileSync(docsFile, 'utf8'))?.[2];
  if (table === undefined) throw new Error(`${docsFile} has no place for the table: ${marks}`);
  return table;
}

export function writeDocs(found: Record<string, Found>): void {
  tableInDocs();
  const text = readFileSync(docsFile, 'utf8');
  writeFileSync(
    docsFile,
    text.replace(marks, (_, begin: string, __: string, end: string) => begin + tableOf(found) + end),
  );
}
