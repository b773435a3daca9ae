/** A page of a list: 100 entries. Source: SNS API reference, ListTopics, ListSubscriptions. */
import type { Json } from '../service';
import { invalid } from './errors';

const size = 100;

export function page(all: Json[], { NextToken }: Json, member: string): Json {
  const from = NextToken ? Number(Buffer.from(String(NextToken), 'base64').toString()) : 0;
  if (!Number.isInteger(from) || from < 0) throw invalid('NextToken');
  const end = from + size;
  const more = end < all.length ? { NextToken: Buffer.from(String(end)).toString('base64') } : {};
  return { [member]: all.slice(from, end), ...more };
}
