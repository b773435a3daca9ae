/** A saga in the catalogue: its picture, with the way back, and its steps as tables. Pure: declaration -> Markdown. */
import type { EventType } from './kit';
import type { FinalStep, Saga, Step, Undo } from './saga';

export function sagaSection(saga: Saga): string[] {
  const { on, cancel, park, conductor, wanted } = saga;
  const fields = wanted.map((field) => `\`${field}\``).join(', ');
  return [
    `### ${saga.id}`,
    '',
    saga.does,
    '',
    '```mermaid',
    ...sagaPicture(saga),
    '```',
    '',
    `Started by ${links([on])}, one execution for each \`${on.keyField}\`. ${anchor(conductor.id)} starts it and tells it the answers` +
      `${fields ? `, of them only ${fields}: what later steps ask with` : ''}. Called off by ${links([cancel.request])}, until the ` +
      `pivot is answered. What is parked tells so by ${links([park.parked])} and goes on by ${links([park.request])}.`,
    '',
    '| step | asks | yes | no | waits for an answer | attempts |',
    '| --- | --- | --- | --- | --- | --- |',
    ...saga.phases.flatMap((phase, index) => phase.map((one) => stepRow(saga, phase, one, index))),
    '',
    'Undone in this order, from the step that failed on; also what has not answered (S2), but not what was never to be asked:',
    '',
    '| undo | asks | done | waits for an answer | attempts |',
    '| --- | --- | --- | --- | --- |',
    ...undosOf(saga).map(({ one, undo }) => undoRow(saga, one, undo)),
    '',
    '| last steps | asks | done | waits for an answer | attempts |',
    '| --- | --- | --- | --- | --- |',
    ...saga.afterwards.map((one) => finalRow('after the pivot', one)),
    ...saga.undone.map((one) => finalRow('after everything is undone', one)),
    '',
  ];
}

/** Steps that are undone by themselves, last first, each with the phase after which it is reached. */
function undosOf(saga: Saga): { one: Step; undo: Undo; phase: number }[] {
  return saga.phases
    .flatMap((phase, index) =>
      phase.flatMap((one) => ('ask' in one.undo ? [{ one, undo: one.undo, phase: index }] : [])),
    )
    .reverse();
}

/** A Mermaid flowchart. Rounded: events. Dotted: the way of what fails. */
export function sagaPicture(saga: Saga): string[] {
  const { phases, afterwards, undone, cancel, park } = saga;
  const undos = undosOf(saga);
  const pivot = phases.at(-1)![0]!;
  const nodeOf = (kind: string, name: string): string => `${kind}_${name.replaceAll('-', '_')}`;
  const entries = phases.map((phase, index) =>
    phase.length > 1 ? `phase_${index + 1}` : nodeOf('step', phase[0]!.name),
  );
  const first = (steps: readonly FinalStep[], end: string): string => (steps[0] ? nodeOf('last', steps[0].name) : end);
  const forwards = first(afterwards, 'done');
  const backwards = first(undone, 'rejected');
  const undoFrom = (phase: number): string => {
    const found = undos.find((undo) => undo.phase <= phase);
    return found ? nodeOf('undo', found.one.name) : backwards;
  };
  const box = (one: Step): string => {
    const label = one === pivot ? `${one.name}, the pivot` : one.name;
    return `${nodeOf('step', one.name)}["${label}"]${one === pivot ? ':::pivot' : ''}`;
  };
  const chain = (steps: readonly FinalStep[], end: string): string[] =>
    steps.map((one, index) => {
      const next = steps[index + 1];
      return `  ${nodeOf('last', one.name)}["${one.name}"] --> ${next ? nodeOf('last', next.name) : end}`;
    });
  const limit = ({ when }: Step): string => (when ? `|"${when.field} above ${when.above}"|` : '');
  const lines = ['flowchart TD', `  start(["${saga.on.name}"])`, '  subgraph forward["asks"]'];
  phases.forEach((phase, index) => {
    if (phase.length === 1) lines.push(`    ${box(phase[0]!)}`);
    else
      lines.push(
        `    subgraph ${entries[index]}["side by side"]`,
        ...phase.map((one) => `      ${box(one)}`),
        '    end',
      );
  });
  lines.push('  end');
  phases.forEach((phase, index) => {
    const alone = phase.length === 1 ? phase[0]! : undefined;
    const before = entries[index - 1] ?? 'start';
    const next = entries[index + 1] ?? forwards;
    lines.push(`  ${before} -->${alone ? limit(alone) : ''} ${entries[index]}`);
    if (alone?.when) lines.push(`  ${before} -->|else| ${next}`);
    lines.push(`  ${entries[index]} -.->|"no, or no answer"| ${undoFrom(index)}`);
  });
  lines.push(`  ${entries.at(-1)} --> ${forwards}`, ...chain(afterwards, 'done'));
  if (undos.length > 0) {
    lines.push('  subgraph back["undoes, in reverse"]');
    lines.push(...undos.map(({ one }) => `    ${nodeOf('undo', one.name)}["undo ${one.name}"]`), '  end');
  }
  undos.forEach(({ one, undo }, index) => {
    const next = undos[index + 1] ? nodeOf('undo', undos[index + 1]!.one.name) : backwards;
    lines.push(`  ${nodeOf('undo', one.name)} --> ${next}`);
    for (const { name } of undo.tooLate ?? []) {
      lines.push(`  ${nodeOf('undo', one.name)} -->|"${name}: too late"| ${forwards}`);
    }
  });
  lines.push(...chain(undone, 'rejected'));
  lines.push(`  cancel(["${cancel.request.name}"]) -.-> ${undoFrom(phases.length - 1)}`);
  const parking = [
    ...(undos.length > 0 ? ['back'] : []),
    ...[...afterwards, ...undone].map(({ name }) => nodeOf('last', name)),
  ];
  lines.push(`  parked{{"${park.parked.name}: waits for ${park.request.name}"}}`);
  lines.push(...parking.map((from) => `  ${from} -.->|"fails too often"| parked`));
  lines.push(`  done(["done"])`, `  rejected(["undone"])`, '  classDef pivot stroke-width:4px');
  return lines;
}

function stepRow(saga: Saga, phase: readonly Step[], one: Step, index: number): string {
  const { name, when, ask, answers, refusals, timeoutSeconds, heartbeat, retries, person } = one;
  const remarks = [
    ...(phase.length > 1 ? ['side by side'] : []),
    ...(when ? [`only where \`${when.field}\` is above ${when.above}`] : []),
    ...(person ? [`a person answers by ${links([person])}`] : []),
    ...(index === saga.phases.length - 1 ? ['the pivot'] : []),
    ...('with' in one.undo ? [`undone with ${one.undo.with}`] : []),
  ];
  const alive = heartbeat ? `; a sign of life every ${duration(heartbeat.seconds)}: ${links(heartbeat.by)}` : '';
  return row(
    `${index + 1}. ${name}${remarks.length ? ` (${remarks.join(', ')})` : ''}`,
    links([ask]),
    links(answers),
    links(refusals) || 'never',
    `${duration(timeoutSeconds)}${alive}`,
    `${retries + 1}`,
  );
}

function undoRow(saga: Saga, one: Step, undo: Undo): string {
  const also = saga.phases.flat().filter((other) => 'with' in other.undo && other.undo.with === one.name);
  const tooLate = undo.tooLate ? `; too late, goes forward: ${links(undo.tooLate)}` : '';
  return row(
    [one, ...also].map(({ name }) => name).join(', with it '),
    links([undo.ask]),
    `${links(undo.answers)}${tooLate}`,
    duration(undo.timeoutSeconds),
    `${undo.retries + 1}, then parked`,
  );
}

const finalRow = (when: string, { name, ask, answers, timeoutSeconds, retries }: FinalStep): string =>
  row(`${name}, ${when}`, links([ask]), links(answers), duration(timeoutSeconds), `${retries + 1}, then parked`);

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
const links = (events: readonly EventType[]): string =>
  events.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ');
/** How GitHub names a heading: '/' is left out. */
export const anchor = (id: string): string => `[${id}](#${id.replace('/', '')})`;

/** '15 min', '2 h', '7 days'. */
export function duration(seconds: number): string {
  const [unit, name] = (
    [
      [86_400, 'days'],
      [3_600, 'h'],
      [60, 'min'],
    ] as const
  ).find(([length]) => seconds >= length && seconds % length === 0) ?? [1, 's'];
  const count = seconds / unit;
  return `${count} ${name === 'days' && count === 1 ? 'day' : name}`;
}
