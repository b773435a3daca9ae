/**
 * CloudFormation's intrinsic functions, evaluated over plain JSON.
 * Source: CloudFormation template reference, "Intrinsic function reference" and "Condition functions".
 *
 * Modelled: Ref, GetAtt (list and dotted form), Sub (both forms), Join, Select, Split, FindInMap (with DefaultValue),
 * If, And, Or, Not, Equals, Condition, Base64, ImportValue, GetStackOutput, Cidr, GetAZs, Length, ToJsonString.
 * Dynamic references ({{resolve:...}}) in any string. Refused by name: Transform, ForEach, the functions of Rules,
 * anything unknown.
 *
 * 1. `AWS::NoValue` is undefined: a property so given is absent, a list element so given is left out.
 * 2. Only the taken branch of Fn::If is evaluated.
 * 3. Whatever cannot be evaluated throws IntrinsicError with a sentence; nothing is ever left unresolved in the result.
 */
import type { Json } from '../services/service';
import { splitCidr } from './cidr';

export class IntrinsicError extends Error {
  override readonly name = 'IntrinsicError';
}

/** What a template's names stand for. Each throws IntrinsicError for a name it does not know. */
export interface Scope {
  readonly region: string;
  /** A parameter, pseudo parameter or resource. */
  ref(name: string): Json;
  getAtt(logicalId: string, attribute: string): Json;
  /** Undefined when the map has no such entry. */
  findInMap(map: string, topKey: string, secondKey: string): Json;
  condition(name: string): boolean;
  importValue(exportName: string): Json;
  stackOutput(stackName: string, outputName: string): Json;
  /** What `{{resolve:service:key}}` stands for; `key` is all that comes after the second colon. */
  dynamic(service: string, key: string): string;
}

/** Dynamic references are resolved last, in what functions have put together (Fn::Join of their pieces is common). */
export function evaluate(value: Json, scope: Scope): Json {
  return resolveDynamic(evaluateFunctions(value, scope), scope);
}

function resolveDynamic(value: Json, scope: Scope): Json {
  if (typeof value === 'string') {
    return value.replace(/\{\{resolve:([^:}]*):([^}]*)\}\}/g, (_, service, key) => scope.dynamic(service, key));
  }
  if (Array.isArray(value)) return value.map((item) => resolveDynamic(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveDynamic(item, scope)]));
}

function evaluateFunctions(value: Json, scope: Scope): Json {
  if (Array.isArray(value))
    return value.map((item) => evaluateFunctions(item, scope)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  const call = keys.find(isFunctionName);
  if (call !== undefined) {
    if (keys.length > 1)
      throw new IntrinsicError(
        `${call} stands beside ${keys.filter((key) => key !== call).join(', ')}; a function must stand alone`,
      );
    return evaluateCall(call, value[call], scope);
  }
  const result: Record<string, Json> = {};
  for (const key of keys) {
    const item = evaluateFunctions(value[key], scope);
    if (item !== undefined) result[key] = item;
  }
  return result;
}

/** A condition: the name's definition, or a condition function. */
export function evaluateCondition(value: Json, scope: Scope): boolean {
  const [name, argument] =
    typeof value === 'object' && value !== null ? (Object.entries(value)[0] ?? ['', null]) : ['', null];
  switch (name) {
    case 'Condition':
      return scope.condition(text(argument, 'Condition'));
    case 'Fn::And':
      return list(argument, name).every((item) => evaluateCondition(item, scope));
    case 'Fn::Or':
      return list(argument, name).some((item) => evaluateCondition(item, scope));
    case 'Fn::Not':
      return !evaluateCondition(list(argument, name, 1)[0], scope);
    case 'Fn::Equals': {
      const [left, right] = list(argument, name, 2);
      return comparable(evaluateFunctions(left, scope)) === comparable(evaluateFunctions(right, scope));
    }
    default: {
      const result = comparable(evaluateFunctions(value, scope));
      if (result === '"true"' || result === '"false"') return result === '"true"';
      throw new IntrinsicError(`a condition must be true or false; this is ${JSON.stringify(value)}`);
    }
  }
}

const isFunctionName = (key: string): boolean => key === 'Ref' || key.startsWith('Fn::');

function evaluateCall(name: string, argument: Json, scope: Scope): Json {
  switch (name) {
    case 'Ref':
      return scope.ref(text(argument, name));
    case 'Fn::GetAtt': {
      const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument, name, 2);
      return scope.getAtt(
        text(logicalId, name),
        attribute.map((part) => text(evaluateFunctions(part, scope), name)).join('.'),
      );
    }
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::Join': {
      const [separator, items] = list(argument, name, 2);
      return list(evaluateFunctions(items, scope), name)
        .map((item) => scalar(item, name))
        .join(text(separator, name));
    }
    case 'Fn::Select': {
      const [index, items] = list(argument, name, 2);
      const position = Number(evaluateFunctions(index, scope));
      const choices = list(evaluateFunctions(items, scope), name);
      if (!(position in choices))
        throw new IntrinsicError(`Fn::Select: there is no element ${position} in a list of ${choices.length}`);
      return choices[position];
    }
    case 'Fn::Split': {
      const [separator, source] = list(argument, name, 2);
      return scalar(evaluateFunctions(source, scope), name).split(text(separator, name));
    }
    case 'Fn::FindInMap':
      return findInMap(argument, scope);
    case 'Fn::If': {
      const [condition, whenTrue, whenFalse] = list(argument, name, 3);
      return evaluateFunctions(scope.condition(text(condition, name)) ? whenTrue : whenFalse, scope);
    }
    case 'Fn::And':
    case 'Fn::Or':
    case 'Fn::Not':
    case 'Fn::Equals':
      return evaluateCondition({ [name]: argument }, scope);
    case 'Fn::Base64':
      return Buffer.from(scalar(evaluateFunctions(argument, scope), name), 'utf8').toString('base64');
    case 'Fn::ImportValue':
      return scope.importValue(text(evaluateFunctions(argument, scope), name));
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName, Region } = evaluateFunctions(argument, scope) ?? {};
      if (Region !== undefined && Region !== scope.region) {
        throw new IntrinsicError(`Fn::GetStackOutput from region ${Region}: only ${scope.region} exists here`);
      }
      return scope.stackOutput(text(StackName, name), text(OutputName, name));
    }
    case 'Fn::Cidr': {
      const [block, count, hostBits] = list(argument, name).map((item) => evaluateFunctions(item, scope));
      try {
        return splitCidr(text(block, name), Number(count), hostBits === undefined ? undefined : Number(hostBits));
      } catch (error) {
        throw new IntrinsicError((error as Error).message);
      }
    }
    case 'Fn::GetAZs': {
      const region = evaluateFunctions(argument, scope) || scope.region;
      return ['a', 'b', 'c'].map((zone) => `${text(region, name)}${zone}`);
    }
    case 'Fn::Length':
      return list(evaluateFunctions(argument, scope), name).length;
    case 'Fn::ToJsonString':
      return JSON.stringify(evaluateFunctions(argument, scope));
    case 'Fn::Transform':
      throw new IntrinsicError(
        `Fn::Transform: macros run inside AWS and are not modelled (${JSON.stringify(argument?.Name ?? argument)})`,
      );
    default:
      throw new IntrinsicError(`${name} is not modelled`);
  }
}

/** `${Name}`, `${Logical.Attribute}`, `${!literal}`; names of the second form's map come first. */
function substitute(argument: Json, scope: Scope): string {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument, 'Fn::Sub', 2);
  return text(template, 'Fn::Sub').replace(/\$\{([^}]*)\}/g, (_, raw: string) => {
    if (raw.startsWith('!')) return `\${${raw.slice(1)}}`;
    const name = raw.trim();
    if (Object.hasOwn(variables, name)) return scalar(evaluateFunctions(variables[name], scope), 'Fn::Sub');
    const dot = name.indexOf('.');
    const value = dot < 0 ? scope.ref(name) : scope.getAtt(name.slice(0, dot), name.slice(dot + 1));
    return scalar(value, `Fn::Sub \${${name}}`);
  });
}

function findInMap(argument: Json, scope: Scope): Json {
  const [map, top, second, more] = list(argument, 'Fn::FindInMap');
  const keys = [map, top, second].map((key) => scalar(evaluateFunctions(key, scope), 'Fn::FindInMap'));
  const found = scope.findInMap(keys[0]!, keys[1]!, keys[2]!);
  if (found !== undefined) return found;
  if (more?.DefaultValue !== undefined) return evaluateFunctions(more.DefaultValue, scope);
  throw new IntrinsicError(`Fn::FindInMap: there is no ${keys.join('.')}`);
}

function list(value: Json, name: string, length?: number): Json[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw new IntrinsicError(
      `${name} takes a list${length === undefined ? '' : ` of ${length}`}; this is ${JSON.stringify(value)}`,
    );
  }
  return value;
}

function text(value: Json, name: string): string {
  if (typeof value !== 'string') throw new IntrinsicError(`${name} takes a string; this is ${JSON.stringify(value)}`);
  return value;
}

function scalar(value: Json, name: string): string {
  if (typeof value === 'object' || value === undefined) {
    throw new IntrinsicError(`${name} takes strings; this is ${JSON.stringify(value)}`);
  }
  return String(value);
}

/** CloudFormation compares scalars as strings. */
const comparable = (value: Json): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'number' || typeof part === 'boolean' ? String(part) : part)) ??
  'undefined';

/** Outputs are strings; CloudFormation joins nothing and refuses the rest. */
export function asText(value: Json): string {
  if (typeof value === 'object' || value === undefined) {
    throw new IntrinsicError(`an output must be a string; this is ${JSON.stringify(value)}`);
  }
  return String(value);
}
