import pc from 'picocolors';
import { Aws, type WhereOptions } from '../aws';
import { type DeadLetter, readDeadLetters } from '../dead-letters';
import { CliError } from '../errors';
import { consumerOfQueue } from '../trace/tree';

export async function listDeadLetters(options: WhereOptions & { queue?: string; json: boolean }): Promise<void> {
  const aws = Aws.at(options);
  const letters = await readDeadLetters(aws, options.queue);
  if (options.json) {
    console.log(JSON.stringify(letters, null, 2));
    return;
  }
  if (letters.length === 0) {
    console.log(`No dead letters at ${aws.place}.`);
    return;
  }
  for (const letter of letters) {
    console.log(
      `${pc.dim(letter.sentAt)}  ${pc.cyan(letter.type ?? 'unknown event')}  ${letter.meta?.key ?? ''}  ${pc.bold(consumerOfQueue(letter.queue))}  ${pc.dim(letter.messageId)}`,
    );
    console.log(`  ${pc.red(letter.reason)}`);
  }
  console.log(
    `${letters.length} in all. One of them whole: npx baton dead-letters show ${letters[0]!.messageId.slice(0, 8)}`,
  );
}

export async function showDeadLetter(id: string, options: WhereOptions & { json: boolean }): Promise<void> {
  const aws = Aws.at(options);
  const matching = (await readDeadLetters(aws)).filter((letter) => letter.messageId.startsWith(id));
  if (matching.length === 0)
    throw new CliError(
      `No dead letter at ${aws.place} has a message id that begins with '${id}'. 'baton dead-letters list' prints them.`,
    );
  if (matching.length > 1)
    throw new CliError(`${matching.length} dead letters begin with '${id}'; give more of the message id.`);
  const letter = matching[0]!;
  console.log(options.json ? JSON.stringify(letter, null, 2) : describe(letter));
}

function describe(letter: DeadLetter): string {
  const consumer = consumerOfQueue(letter.queue);
  return [
    `${pc.bold('reason')}    ${pc.red(letter.reason)}`,
    `${pc.bold('consumer')}  ${consumer}`,
    `${pc.bold('event')}     ${letter.type ?? 'unknown'}${letter.meta?.id ? ` ${letter.meta.id}` : ''}`,
    `${pc.bold('queue')}     ${letter.queueUrl}`,
    `${pc.bold('message')}   ${letter.messageId}, sent ${letter.sentAt}`,
    ...Object.entries(letter.attributes).map(([name, value]) => `${pc.dim(name)}  ${value}`),
    pretty(letter.body),
  ].join('\n');
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
