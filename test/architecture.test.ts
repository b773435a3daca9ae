/**
 * The rules of the house, as tests. Each prints file, line, why and the remedy.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { consumers } from '../lib/contracts';
import { catalogue } from '../lib/contracts/catalog';

const root = join(__dirname, '..');

interface Source {
  /** Relative to the root, with forward slashes. */
  file: string;
  lines: string[];
}

function sources(...folders: string[]): Source[] {
  const files = (path: string): string[] =>
    statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => files(join(path, name))) : [path];
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => files(join(root, folder)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ file: relative(root, path), lines: readFileSync(path, 'utf8').split('\n') }));
}

/** One line a violation, so that a failing test reads like a linter. */
function expectNone(violations: string[]): void {
  expect(violations.join('\n')).toBe('');
}

/** Which folder may import from which; the first entry that fits a file decides. */
const importTable: [folder: RegExp, mayImport: RegExp[], why: string][] = [
  [/^lib\/contracts\//, [/^lib\/contracts\//], 'contracts are data and types; everything else follows from them'],
  [/^lib\/domain\//, [/^lib\/contracts\//, /^lib\/domain\//], 'decisions are pure'],
  [/^lambdas\/shared\//, [/^lib\/contracts\//, /^lambdas\/shared\//], 'the delivery protocol knows no context'],
  [
    /^lambdas\//,
    [/^lib\/contracts\//, /^lib\/domain\//, /^lambdas\//],
    'a handler joins declaration, decision and protocol',
  ],
  [/^lib\/config\.ts/, [], 'settings stand alone'],
  [
    /^lib\/constructs\//,
    [/^lib\/contracts\//, /^lib\/constructs\//, /^lib\/config/],
    'constructs deploy declarations; they never load handlers',
  ],
  [
    /^lib\/stacks\//,
    [/^lib\/contracts\//, /^lib\/constructs\//, /^lib\/stacks\//, /^lib\/config/],
    'stacks arrange constructs',
  ],
  [/^bin\/app\.ts/, [/^lib\/stacks\//, /^lib\/config/], 'the entry is settings -> stacks, nothing else'],
  [
    /^lib\/local\//,
    [/^lib\/local\//],
    'the local runtime knows cdk.out only: then it runs any app, and a green flow test proves the synthesis',
  ],
  [/^lib\/sim\//, [/^lib\/local\//, /^lib\/sim\//], 'the simulator knows no service and no workload'],
  [
    /^lib\/cli\//,
    [
      /^lib\/(contracts|local|sim|cli)\//,
      /^lib\/stacks\/synthesize/,
      /^lib\/constructs\/bundle-live/,
      /^package\.json/,
    ],
    'the command line uses contracts, local run and AWS APIs',
  ],
  [/^bin\/baton\.ts/, [/^lib\/cli\//, /^package\.json/], 'the command line says what there is, and nothing else'],
];

test('imports follow the import table', () => {
  const violations: string[] = [];
  for (const { file, lines } of sources('bin', 'lib', 'lambdas')) {
    const row = importTable.find(([folder]) => folder.test(file));
    if (!row) {
      violations.push(
        `${file}:1 no row of the import table covers it. Remedy: add one in test/architecture.test.ts, with its reason`,
      );
      continue;
    }
    lines.forEach((line, index) => {
      const from = /(?:from|import|require\()\s*\(?['"](\.[^'"]+)['"]/.exec(line)?.[1];
      if (!from) return;
      const target = relative(root, resolve(root, dirname(file), from));
      if (row[1].some((allowed) => allowed.test(target) || allowed.test(`${target}/`) || allowed.test(`${target}.ts`)))
        return;
      violations.push(
        `${file}:${index + 1} imports ${target}; ${row[2]}. Remedy: move what is shared to a folder that both may import`,
      );
    });
  }
  expectNone(violations);
});

/** Clock, chance, timers and environment: where they may be touched. */
const hidden: [what: string, pattern: RegExp, remedy: string][] = [
  ['the clock', /\bDate\.now\(\)|new Date\(\)|performance\.now\(\)|process\.hrtime/, 'take the time as an argument'],
  ['chance', /Math\.random\(\)|randomUUID\(\)|randomBytes\(/, 'take a Random, or derive the id'],
  ['a timer', /\b(setTimeout|setInterval|setImmediate)\(/, 'use the Scheduler, or environment.sleep'],
  ['the environment', /process\.env\b/, 'read it in the file named for it and pass the value on'],
];
const mayTouch: [folder: RegExp, except: RegExp][] = [
  [/^lib\/(contracts|domain)\//, /$^/],
  [/^lambdas\//, /^lambdas\/shared\/environment\.ts$/],
  [
    /^lib\/local\//,
    /^lib\/local\/(real-time|virtual-time)\.ts$|^lib\/local\/(workers|sandbox)\/|^lib\/local\/wire\/server\.ts$/,
  ],
];

test('clock, chance, timers and environment are touched only where named', () => {
  const violations: string[] = [];
  for (const { file, lines } of sources('lib/contracts', 'lib/domain', 'lib/local', 'lambdas')) {
    const rule = mayTouch.find(([folder]) => folder.test(file));
    if (!rule || rule[1].test(file)) continue;
    lines.forEach((line, index) => {
      if (/^\s*(\*|\/\/|\/\*)/.test(line)) return;
      for (const [what, pattern, remedy] of hidden) {
        if (pattern.test(line))
          violations.push(`${file}:${index + 1} touches ${what}: ${line.trim()}. Remedy: ${remedy}`);
      }
    });
  }
  expectNone(violations);
});

/**
 * The simulator evaluates contracts.js once for all environments (decision 116): what a module keeps there would pass from
 * one to the next, as it never does on AWS.
 */
test('contracts keep no state in their modules', () => {
  const state = /^(export )?(let|var) |^(export )?const [^=]*= (new (Map|WeakMap|Array|Set)(<.*>)?\(\)|\[\]|\{\})/;
  const violations: string[] = [];
  for (const { file, lines } of sources('lib/contracts')) {
    lines.forEach((line, index) => {
      if (!state.test(line)) return;
      violations.push(`${file}:${index + 1} keeps state: ${line.trim()}. Remedy: keep it in what a handler makes`);
    });
  }
  expectNone(violations);
});

test('handlers reach AWS only through the clients of lambdas/shared/environment.ts', () => {
  const violations: string[] = [];
  for (const { file, lines } of sources('lambdas', 'lib/domain', 'lib/contracts')) {
    if (file === 'lambdas/shared/environment.ts') continue;
    lines.forEach((line, index) => {
      if (/new [A-Za-z]+Client\(/.test(line)) {
        violations.push(
          `${file}:${index + 1} builds a client: ${line.trim()}. Remedy: add it to lambdas/shared/environment.ts`,
        );
      }
      if (/^lib\//.test(file) && /from '@aws-sdk/.test(line)) {
        violations.push(`${file}:${index + 1} imports the AWS SDK; contracts and decisions know no SDK`);
      }
    });
  }
  expectNone(violations);
});

test('every consumer has its handler and its decision test, and every handler its declaration', () => {
  const violations: string[] = [];
  for (const { owner, name, id, conducts } of consumers) {
    if (!existsSync(join(root, 'lambdas', owner, `${name}.ts`)))
      violations.push(`${id} has no handler. Remedy: write lambdas/${owner}/${name}.ts`);
    // A conductor decides nothing: its saga is a declaration.
    if (!conducts && !existsSync(join(root, 'test', 'domain', owner, `${name}.test.ts`))) {
      violations.push(`${id} has no test of its decision. Remedy: write test/domain/${owner}/${name}.test.ts`);
    }
  }
  const declared = new Set(consumers.map(({ owner, name }) => `lambdas/${owner}/${name}.ts`));
  for (const { file, lines } of sources('lambdas')) {
    if (file.startsWith('lambdas/shared/') || declared.has(file)) continue;
    const at = lines.findIndex((line) => /export const handler\b/.test(line));
    if (at >= 0)
      violations.push(
        `${file}:${at + 1} is a handler that no consumer declares. Remedy: declare it in lib/contracts/consumers, or delete it`,
      );
  }
  expectNone(violations);
});

test('CATALOG.md says what the declarations say', () => {
  const file = join(root, 'lib', 'contracts', 'CATALOG.md');
  const fresh = existsSync(file) && readFileSync(file, 'utf8') === catalogue();
  expectNone(fresh ? [] : ["lib/contracts/CATALOG.md:1 is stale. Remedy: run 'npx baton catalog' and commit the file"]);
});

/** Above this a file has more than one meaning. */
const longestFile = 300;

test('no source file is longer than people can hold in mind', () => {
  const violations = sources('bin', 'lib', 'lambdas')
    .filter(({ lines }) => lines.length > longestFile + 1)
    .map(
      ({ file, lines }) =>
        `${file}:${lines.length} has ${lines.length} lines; at most ${longestFile}. Remedy: split it along its meaning`,
    );
  expectNone(violations);
});
