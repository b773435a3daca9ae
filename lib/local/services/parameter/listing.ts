/**
 * GetParametersByPath and DescribeParameters: which parameters, a page at a time.
 * Source: Systems Manager API reference, GetParametersByPath, DescribeParameters, ParameterStringFilter.
 */
import type { Json } from '../service';
import { constraint, parameterError, validation } from './errors';
import type { Parameter } from './parameters';

export function page<T>(all: T[], { MaxResults, NextToken }: Json, most: number): { items: T[]; NextToken?: string } {
  const size = MaxResults ?? most;
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw constraint('maxResults', size, `have value between 1 and ${most}`);
  const from = NextToken ? Number(Buffer.from(String(NextToken), 'base64').toString()) : 0;
  if (!Number.isInteger(from)) throw parameterError('InvalidNextToken', 'The specified token is not valid.');
  const end = from + size;
  const more = end < all.length ? { NextToken: Buffer.from(String(end)).toString('base64') } : {};
  return { items: all.slice(from, end), ...more };
}

/** Below the path: its own level, or all. */
export function below(all: Parameter[], path: unknown, recursive: boolean): Parameter[] {
  if (typeof path !== 'string' || !/^\/([\w.-]+(\/[\w.-]+)*\/?)?$/.test(path))
    throw validation(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
    );
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return all.filter(({ name }) => {
    // A name without a slash lies at the top, as if it had one.
    const full = name.startsWith('/') ? name : `/${name}`;
    return full.startsWith(prefix) && (recursive || !full.slice(prefix.length).includes('/'));
  });
}

interface Filter {
  Key: string;
  Option?: string;
  Values?: string[];
}

export function filtered(all: Parameter[], filters: Filter[] = [], byPath = false): Parameter[] {
  return filters.reduce((left, filter) => left.filter((one) => fits(one, filter, byPath, all)), all);
}

function fits(parameter: Parameter, { Key, Option, Values = [] }: Filter, byPath: boolean, all: Parameter[]): boolean {
  const newest = parameter.versions.at(-1)!;
  const oneOf = (actual: string | undefined, option = Option ?? 'Equals'): boolean => {
    if (actual === undefined) return false;
    if (option === 'Equals') return Values.length === 0 || Values.includes(actual);
    if (option === 'BeginsWith') return Values.some((value) => actual.startsWith(value));
    if (option === 'Contains') return Values.some((value) => actual.includes(value));
    throw parameterError('InvalidFilterOption', `The filter option ${option} of ${Key} is not valid here.`);
  };
  if (Key.startsWith('tag:')) return oneOf(parameter.tags.get(Key.slice(4)));
  switch (Key) {
    case 'Type':
      return oneOf(newest.type);
    case 'KeyId':
      return oneOf(newest.keyId);
    case 'Label':
      return parameter.versions.some(({ labels }) => [...labels].some((label) => oneOf(label)));
    case 'Name':
      if (!byPath) return oneOf(parameter.name);
      break;
    case 'Tier':
      if (!byPath) return oneOf(newest.tier);
      break;
    case 'DataType':
      if (!byPath) return oneOf(newest.dataType);
      break;
    case 'Path':
      if (!byPath) {
        const deep = Option === 'Recursive';
        return Values.some((path) => below(all, path, deep).includes(parameter));
      }
  }
  const allowed = byPath ? 'Type, KeyId, Label' : 'tag:..., Name, Type, KeyId, Path, Label, Tier, DataType';
  throw parameterError('InvalidFilterKey', `The filter key ${Key} is not valid here; valid: ${allowed}.`);
}
