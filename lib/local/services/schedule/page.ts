/** Pages of a list: MaxResults 1 to 100, a token that says where the next page begins. */
import type { Json } from '../service';
import { constraint, validation } from './errors';

const perPage = 100;

export function page(items: Json[], input: Json, member: string): Json {
  const max = input.MaxResults ?? perPage;
  if (!(Number.isInteger(max) && max >= 1 && max <= perPage)) {
    throw constraint('maxResults', max, `have value between 1 and ${perPage}`);
  }
  const from = input.NextToken ? Number(Buffer.from(String(input.NextToken), 'base64').toString()) : 0;
  if (!Number.isInteger(from)) throw validation(`NextToken '${input.NextToken}' comes from no earlier answer.`);
  const end = from + max;
  return {
    [member]: items.slice(from, end),
    ...(end < items.length ? { NextToken: Buffer.from(String(end)).toString('base64') } : {}),
  };
}
