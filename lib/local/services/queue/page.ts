/** A page of a list of queues. Source: SQS API reference, ListQueues. */
import type { Json } from '../service';
import { invalidValue } from './errors';

const listedAtMost = 1000;

/** Without MaxResults up to 1000 and no token, as AWS does. */
export function page(urls: string[], input: Json, member: string): Json {
  const max = input.MaxResults ?? listedAtMost;
  if (!(Number.isInteger(max) && max >= 1 && max <= listedAtMost)) {
    throw invalidValue('MaxResults', max, `Must be between 1 and ${listedAtMost}.`);
  }
  const from = input.NextToken ? Number(Buffer.from(String(input.NextToken), 'base64').toString()) : 0;
  if (!Number.isInteger(from)) throw invalidValue('NextToken', input.NextToken, 'It comes from no earlier answer.');
  const end = from + max;
  return {
    [member]: urls.slice(from, end),
    ...(input.MaxResults !== undefined && end < urls.length
      ? { NextToken: Buffer.from(String(end)).toString('base64') }
      : {}),
  };
}
