/** The catalogue: every declaration in a form that people read. Pure: declarations -> Markdown. */
import * as z from 'zod/mini';
import { anchor, sagaSection } from './catalog-saga';
import { delivery } from './delivery';
import { consumers, events, rows, sagas } from './index';
import type { Consumer, EventType } from './kit';
import { asksOf } from './saga';

export function catalogue(): string {
  const owners = [...new Set(events.map((event) => event.source))];
  return [
    '# Catalogue',
    '',
    'Generated from the declarations by `npx baton catalog`; a test fails when it is stale. Do not edit it.',
    '',
    `${events.length} events, ${consumers.length} consumers, ${sagas.length} ${sagas.length === 1 ? 'saga' : 'sagas'}, ${rows.length} kinds of state rows, in ${owners.length} contexts: ${owners.map((owner) => `[${owner}](#${owner})`).join(', ')}.`,
    '',
    '## The choreography',
    '',
    'Rounded boxes are events, square ones consumers. A dashed arrow is an event that comes later, by a schedule; a thick one an ask of a saga, drawn from its conductor.',
    '',
    '```mermaid',
    ...diagram(),
    '```',
    '',
    ...(sagas.length ? ['## Sagas', '', ...sagas.flatMap(sagaSection)] : []),
    ...owners.flatMap(context),
  ].join('\n');
}

function diagram(): string[] {
  const id = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '_');
  const lines = ['flowchart LR'];
  for (const event of events) {
    const shape = event.external ? `(["${event.name}"]):::outside` : `("${event.name}")`;
    lines.push(`  ${id(event.name)}${shape}`);
  }
  for (const owner of new Set(consumers.map((consumer) => consumer.owner))) {
    lines.push(`  subgraph ${owner}`);
    for (const consumer of consumers)
      if (consumer.owner === owner) lines.push(`    ${id(consumer.id)}["${consumer.name}"]`);
    lines.push('  end');
  }
  for (const consumer of consumers) {
    for (const event of consumer.on) lines.push(`  ${id(event.name)} --> ${id(consumer.id)}`);
    for (const event of consumer.emits) lines.push(`  ${id(consumer.id)} --> ${id(event.name)}`);
    for (const event of consumer.schedules) lines.push(`  ${id(consumer.id)} -.-> ${id(event.name)}`);
  }
  for (const saga of sagas) {
    for (const event of asksOf(saga)) lines.push(`  ${id(saga.conductor.id)} ==> ${id(event.name)}`);
  }
  return [...lines, '  classDef outside fill:#fff3cd,stroke:#b8860b'];
}

function context(owner: string): string[] {
  const own = consumers.filter((consumer) => consumer.owner === owner);
  const ownRows = rows.filter((row) => row.owner === owner);
  return [
    `## ${owner}`,
    '',
    ...events.filter((event) => event.source === owner).flatMap(eventSection),
    ...own.flatMap(consumerSection),
    ...(ownRows.length
      ? [
          `### State of ${owner}`,
          '',
          '| row | what it is | fields |',
          '| --- | --- | --- |',
          ...ownRows.map((row) => `| ${row.name} | ${row.says} | ${fieldNames(row.schema)} |`),
          '',
        ]
      : []),
  ];
}

function eventSection(event: EventType): string[] {
  const producers = consumers.filter((consumer) => consumer.emits.includes(event)).map((consumer) => consumer.id);
  const schedulers = consumers
    .filter((consumer) => consumer.schedules.includes(event))
    .map((consumer) => `${consumer.id} (later, by a schedule)`);
  const asking = sagas
    .filter((saga) => asksOf(saga).includes(event))
    .map(({ id }) => `the saga ${anchor(id)}, which waits for the answer`);
  const from = [...(event.external ? ['the outside'] : []), ...producers, ...schedulers, ...asking];
  const to = consumers.filter((consumer) => consumer.on.includes(event)).map(({ id }) => anchor(id));
  return [
    `### ${event.name}`,
    '',
    event.says,
    '',
    `From ${from.join(', ') || 'nobody yet'}. To ${to.join(', ') || 'nobody here: it tells the outside'}. Key: \`${event.keyField}\`.`,
    ...(event.external
      ? [
          '',
          `Send it with \`PutEvents\`: \`Source\` \`${event.source}\`, \`DetailType\` \`${event.name}\`, \`Detail\` \`{ meta: { id, time }, data }\`.`,
        ]
      : []),
    '',
    '| field | type |',
    '| --- | --- |',
    ...fields(jsonSchema(event.schema)).map(([name, type]) => `| \`${name}\` | ${type} |`),
    '',
    '<details><summary>Example</summary>',
    '',
    '```json',
    JSON.stringify(event.example, null, 2),
    '```',
    '</details>',
    '',
  ];
}

function consumerSection(consumer: Consumer): string[] {
  const patienceSeconds = consumer.visibilitySeconds * delivery.maxReceives;
  const list = (items: readonly { name: string }[]): string =>
    items.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ');
  const { outside } = consumer;
  const effects = [
    ...Object.values(consumer.state).map((row) => `the row ${row.name}`),
    ...(outside ? [`a call to the ${outside.gateway} (if its caller dies: ${outside.ifOwnerDied})`] : []),
    ...(consumer.conducts ? [`executions of ${anchor(consumer.conducts)}: starts them, tells them answers`] : []),
    ...(consumer.stores ? [`an object in the ${consumer.stores} bucket`] : []),
  ];
  return [
    `### ${consumer.id}`,
    '',
    consumer.does,
    '',
    '| | |',
    '| --- | --- |',
    `| listens to | ${list(consumer.on)} |`,
    `| emits | ${list(consumer.emits) || 'nothing'} |`,
    ...(consumer.schedules.length ? [`| schedules | ${list(consumer.schedules)} |`] : []),
    `| effects | ${effects.join('; ') || 'none'} |`,
    `| order | ${consumer.ordered ? 'by key (FIFO)' : 'any'} |`,
    `| patience | ${delivery.maxReceives} attempts, ${consumer.visibilitySeconds} s apart: ${minutes(patienceSeconds)} |`,
    `| a dead letter means | ${consumer.ifDeadLettered} |`,
    '',
  ];
}

const minutes = (seconds: number): string =>
  seconds % 60 === 0 ? `${seconds / 60} min` : `${(seconds / 60).toFixed(1)} min`;

const jsonSchema = (schema: z.ZodMiniType<any>): any => z.toJSONSchema(schema as any, { io: 'input' });
const fieldNames = (schema: z.ZodMiniType<any>): string =>
  Object.keys(jsonSchema(schema).properties ?? {})
    .map((name) => `\`${name}\``)
    .join(', ');

/** Field and type of each property, nested ones with dotted names. */
function fields(schema: any, prefix = ''): [string, string][] {
  const required: string[] = schema.required ?? [];
  return Object.entries<any>(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    if (property.type === 'object' && property.properties) return fields(property, `${path}.`);
    return [[path, `${typeText(property)}${required.includes(name) ? '' : ', may be absent'}`] as [string, string]];
  });
}

function typeText(schema: any): string {
  if (schema.enum) return schema.enum.map((value: unknown) => `\`${value}\``).join(' or ');
  if (schema.type === 'array') return `list of ${typeText(schema.items)}`;
  const bounds = [
    schema.minimum > 0 ? `>= ${schema.minimum}` : '',
    schema.maxLength ? `at most ${schema.maxLength} characters` : '',
    schema.pattern && !schema.format ? `\`${schema.pattern.replaceAll('|', '\\|')}\`` : '',
  ].filter(Boolean);
  const base = schema.format ?? schema.type ?? 'any';
  return bounds.length ? `${base}, ${bounds.join(', ')}` : base;
}
