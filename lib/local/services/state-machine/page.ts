/** Pages of a list: maxResults 1 to 1000 (0: 100), a token that says where the next page begins. */
import type { Json } from '../service';
import { validation } from './errors';

export function page(items: Json[], input: Json, member: string, usual = 100): Json {
  const max = input.maxResults || usual;
  if (!(Number.isInteger(max) && max >= 1 && max <= 1000)) {
    throw validation(
      `1 validation error detected: Value '${max}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000`,
    );
  }
  const from = input.nextToken ? Number(Buffer.from(String(input.nextToken), 'base64').toString()) : 0;
  if (!Number.isInteger(from)) throw validation(`nextToken '${input.nextToken}' comes from no earlier answer.`);
  const end = from + max;
  return {
    [member]: items.slice(from, end),
    ...(end < items.length ? { nextToken: Buffer.from(String(end)).toString('base64') } : {}),
  };
}
