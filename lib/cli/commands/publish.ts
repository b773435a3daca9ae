import { readFileSync } from 'node:fs';
import { Aws, type WhereOptions } from '../aws';
import { CliError } from '../errors';
import { complete, exampleOf, findEvent, type Outgoing, problemOf, publish } from '../publish';

interface PublishOptions extends WhereOptions {
  example: boolean;
  raw: boolean;
  json: boolean;
}

export async function publishCommand(type: string, text: string | undefined, options: PublishOptions): Promise<void> {
  const event = findEvent(type);
  if (options.example) {
    const example = exampleOf(event);
    console.log(JSON.stringify(example, null, options.json ? undefined : 2));
    return;
  }
  if (text === undefined) {
    throw new CliError(
      `publish ${type} needs the event: JSON, @file, or - for standard input. 'baton publish ${type} --example' prints one to start from.`,
      2,
    );
  }
  const value = readJson(text);
  const outgoing = options.raw ? (value as Outgoing) : complete(value);
  if (!options.raw) {
    const problem = problemOf(event, outgoing);
    if (problem) throw new CliError(`${type} was not published: ${problem}. --raw publishes it all the same.`);
  }
  const aws = Aws.at(options);
  const eventId = await publish(aws, event, outgoing);
  const data = outgoing?.data;
  const key = typeof data === 'object' && data !== null ? String(data[event.keyField]) : undefined;
  if (options.json) console.log(JSON.stringify({ eventId, type, id: outgoing?.meta?.id, key }));
  else {
    console.log(`Published ${type}${key ? ` of ${key}` : ''} to ${aws.place}.`);
    if (key) console.log(`Follow it: npx baton trace ${key}`);
  }
}

/** JSON text, @file or - (standard input). */
export function readJson(text: string): unknown {
  const source = text === '-' ? 'standard input' : text.startsWith('@') ? text.slice(1) : 'the argument';
  let json: string;
  try {
    json = text === '-' ? readFileSync(0, 'utf8') : text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text;
  } catch (error) {
    throw new CliError(`${source} cannot be read: ${(error as Error).message}`, 2);
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new CliError(`${source} is not JSON: ${(error as Error).message}. It begins: ${json.slice(0, 60)}`, 2);
  }
}
