/** `baton new consumer`: the declaration, the decision, the handler and the test, ready to compile and to be filled in. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { consumers } from '../../contracts';
import type { EventType } from '../../contracts/kit';
import { CliError } from '../errors';
import { projectRoot } from '../project';
import { findEvent } from '../publish';

export async function newConsumer(ownerAndName: string, options: { on: string[] }): Promise<void> {
  const [owner, name, ...rest] = ownerAndName.split('/');
  // Two words at least: a verb alone says too little, and may be a word of the language ('delete').
  if (!owner || !name || rest.length > 0 || !/^[a-z]+(-[a-z]+)+$/.test(name)) {
    throw new CliError(
      `'${ownerAndName}' is not <owner>/<verb-noun>, in lower case with hyphens, such as tracking/notify-merchant.`,
      2,
    );
  }
  const declarations = join(projectRoot, 'lib', 'contracts', 'consumers', `${owner}.ts`);
  if (!existsSync(declarations)) {
    const owners = [...new Set(consumers.map((consumer) => consumer.owner))].join(', ');
    throw new CliError(
      `There is no context '${owner}'; there are ${owners}. A new context begins with lib/contracts/events/${owner}.ts, lib/contracts/consumers/${owner}.ts and a line for each in lib/contracts/index.ts.`,
      2,
    );
  }
  const taken = consumers.find((consumer) => consumer.name === name);
  if (taken) throw new CliError(`A consumer '${taken.id}' is there already.`, 2);
  const on = options.on.flatMap((text) => text.split(',')).map(findEvent);
  const constant = camel(name);
  const files: [path: string, text: string][] = [
    [join('lib', 'domain', owner, `${name}.ts`), decision(owner, constant, on)],
    [join('lambdas', owner, `${name}.ts`), handler(owner, name, constant)],
    [join('test', 'domain', owner, `${name}.test.ts`), test(owner, name, constant, on)],
  ];
  const there = files.find(([path]) => existsSync(join(projectRoot, path)));
  if (there) throw new CliError(`${there[0]} is there already; nothing was written.`);
  const entry = join('lib', 'contracts', 'consumers', `${owner}.ts`);
  writeFileSync(declarations, withEntry(readFileSync(declarations, 'utf8'), owner, name, constant, on));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(projectRoot, path)), { recursive: true });
    writeFileSync(join(projectRoot, path), text);
  }
  const written = [entry, ...files.map(([path]) => path)];
  format(written);
  // The catalogue is made from the declarations as they are now, so by a process that reads them anew.
  spawnSync(process.execPath, [join(projectRoot, 'bin', 'baton.cjs'), 'catalog'], {
    cwd: projectRoot,
    stdio: 'ignore',
  });
  console.log(
    [
      `Wrote the consumer ${owner}/${name}:`,
      `  ${entry}   its declaration: say what it does, emits and touches, and what a dead letter means`,
      `  ${files[0]![0]}   its decision, pure`,
      `  ${files[1]![0]}   its handler`,
      `  ${files[2]![0]}   its test`,
      'lib/contracts/CATALOG.md knows it. Next: npm test, then npm start.',
    ].join('\n'),
  );
}

/** Imports below are text; written so that they do not read as this file's own. */
const up = '../..';

const camel = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The declaration goes to the end of its context's file; imports that are missing go to the top. */
function withEntry(text: string, owner: string, name: string, constant: string, on: EventType[]): string {
  const missing = on.filter((event) => !new RegExp(`\\b${event.name}\\b`).test(text));
  const imports = missing.map((event) => `import { ${event.name} } from '../events/${event.source}';\n`).join('');
  return `${imports}${text}
export const ${constant} = consumer({
  owner: '${owner}',
  name: '${name}',
  does: 'Say in one sentence what it does.',
  on: [${on.map((event) => event.name).join(', ')}],
  emits: [],
  state: {},
  timeoutSeconds: 10,
  ifDeadLettered: 'Say what it means that this event was not handled, and what to do. Fix the cause, redrive.',
});
`;
}

function decision(owner: string, constant: string, on: EventType[]): string {
  return `import type { ${constant} } from '${up}/contracts/consumers/${owner}';
import type { EventFor, Outcome } from '${up}/contracts/outcome';

/** Decides what follows from ${on.map((event) => event.name).join(' or ')}. Pure: the rows come in, what to write and emit goes out. */
export function ${decisionName(constant)}(event: EventFor<typeof ${constant}>): Outcome<typeof ${constant}> {
  return { note: \`\${event.type} of \${event.meta.key} seen\` };
}
`;
}

function handler(owner: string, name: string, constant: string): string {
  return `import { ${constant} } from '${up}/lib/contracts/consumers/${owner}';
import { ${decisionName(constant)} } from '${up}/lib/domain/${owner}/${name}';
import { consume } from '${up}/lambdas/shared/consume';

export const handler = consume(${constant}, {
  read: () => ({}),
  decide: ${decisionName(constant)},
});
`;
}

function test(owner: string, name: string, constant: string, on: EventType[]): string {
  const event = on[0]!;
  return `import { ${event.name} } from '${up}/../lib/contracts/events/${event.source}';
import { ${decisionName(constant)} } from '${up}/../lib/domain/${owner}/${name}';

const meta = { id: 'e-1', correlation: 'c-1', key: 'k-1', time: '2026-11-24T09:00:00.000Z', hop: 1 };

describe('${owner}/${name}', () => {
  test('given ${event.name}, when it is handled, then nothing is written or emitted yet', () => {
    const outcome = ${decisionName(constant)}({ type: '${event.name}', data: ${event.name}.example, meta });
    expect(outcome).toEqual({ note: '${event.name} of k-1 seen' });
  });
});
`;
}

/** notifyMerchant -> decideNotifyMerchant: a decision must not carry the declaration's own name. */
const decisionName = (constant: string): string => `decide${constant[0]!.toUpperCase()}${constant.slice(1)}`;

function format(paths: string[]): void {
  const biome = join(projectRoot, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  if (existsSync(biome))
    spawnSync(process.execPath, [biome, 'check', '--write', ...paths], { cwd: projectRoot, stdio: 'ignore' });
}
