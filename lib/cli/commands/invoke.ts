import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pc from 'picocolors';
import { VirtualWorld } from '../../local/virtual';
import { eventFor, findConsumer, type Invoked, invokeConsumer, sqsRecord } from '../invoke';
import { renderLogLine } from '../log-line';
import { synthesizeIfChanged } from '../project';
import { complete } from '../publish';
import { readJson } from './publish';

export async function invokeCommand(
  name: string,
  options: { event: string; type?: string; json: boolean },
): Promise<void> {
  const consumer = findConsumer(name);
  const event = eventFor(consumer, options.type);
  const detail = complete(readJson(options.event));
  const assemblyDir = await synthesizeIfChanged((line) => console.error(line));
  const world = new VirtualWorld({ assemblyDir, startMs: Date.now(), traceRequests: () => true });
  const invoked = await invokeConsumer(world, consumer, [sqsRecord(event, detail, Date.now())]);
  await world.stop();
  console.log(options.json ? JSON.stringify(invoked, null, 2) : render(consumer.id, invoked));
  const failed = invoked.functionError !== undefined || (invoked.answer as any)?.batchItemFailures?.length > 0;
  process.exitCode = failed ? 1 : 0;
}

function render(consumer: string, invoked: Invoked): string {
  const lines = [
    `${pc.bold(consumer)} answered ${JSON.stringify(invoked.answer)}${invoked.functionError ? pc.red(` (${invoked.functionError})`) : ''}`,
  ];
  const section = (title: string, items: string[]): void => {
    lines.push(`\n${pc.bold(title)}${items.length ? '' : pc.dim(' nothing')}`, ...items);
  };
  section(
    'It would write',
    invoked.writes.map(
      ({ service, operation, input, error }) =>
        `${pc.cyan(`${service} ${operation}`)}${error ? pc.red(` failed: ${JSON.stringify(error)}`) : ''}\n${JSON.stringify(readable(input), null, 2)}`,
    ),
  );
  section(
    'It would publish',
    invoked.published.map(
      ({ type, detail, dueAt }) => `${pc.cyan(type)}${dueAt ? ` ${dueAt}` : ''}\n${JSON.stringify(detail, null, 2)}`,
    ),
  );
  if (invoked.deadLetters.length)
    section(
      'It would send to its dead letters',
      invoked.deadLetters.map(({ reason }) => pc.red(reason ?? 'without a reason')),
    );
  section(
    'It logged',
    invoked.log.flatMap((message) => renderLogLine({ functionName: consumer, message }) ?? []),
  );
  return lines.join('\n');
}

/** DynamoDB's typed values as plain ones; --json shows the request as it is. What is owed stands below, as published. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const plain = Object.entries(value).map(([name, inner]) => {
    if (!/^(Item|Key|ExpressionAttributeValues)$/.test(name)) return [name, readable(inner)];
    const { owed, ...item } = unmarshall(inner as Record<string, AttributeValue>);
    return [name, owed === undefined ? item : { ...item, owed: `${owed.length} event(s), see below` }];
  });
  return Object.fromEntries(plain);
}
