/**
 * Passwords as GetRandomPassword and GenerateSecretString make them: drawn from a Random, so that a run repeats.
 * Source: Secrets Manager API reference, GetRandomPassword; CloudFormation template reference, GenerateSecretString.
 */
import type { Random } from '../../ports';
import type { Json } from '../service';
import { invalidParameter } from './errors';

const lowercase = 'abcdefghijklmnopqrstuvwxyz';
const uppercase = lowercase.toUpperCase();
const digits = '0123456789';
/** Source: GetRandomPassword, ExcludePunctuation. */
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const defaultLength = 32;
const mostLength = 4096;

/** Throws InvalidParameterException. */
export function password(random: Random, input: Json): string {
  const length = Number(input.PasswordLength ?? defaultLength);
  if (!Number.isInteger(length) || length < 1 || length > mostLength)
    throw invalidParameter(`PasswordLength is ${input.PasswordLength}; allowed are 1 to ${mostLength} characters.`);
  const is = (name: string): boolean => String(input[name] ?? 'false') === 'true';
  const excluded = new Set<string>(input.ExcludeCharacters ?? '');
  const kinds = [
    is('ExcludeLowercase') ? '' : lowercase,
    is('ExcludeUppercase') ? '' : uppercase,
    is('ExcludeNumbers') ? '' : digits,
    is('ExcludePunctuation') ? '' : punctuation,
    is('IncludeSpace') ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !excluded.has(character)))
    .filter((kind) => kind.length > 0);
  const all = kinds.flat();
  if (all.length === 0) throw invalidParameter('Every character is excluded; a password needs at least one.');
  const draw = (from: string[]): string => from[random.below(from.length)]!;
  // One of each kind, unless told otherwise; then the rest; then all of it in another order.
  const each = String(input.RequireEachIncludedType ?? 'true') === 'true' ? kinds.map(draw) : [];
  if (each.length > length)
    throw invalidParameter(`PasswordLength is ${length}; ${each.length} kinds of characters are required.`);
  const drawn = [...each, ...Array.from({ length: length - each.length }, () => draw(all))];
  for (let at = drawn.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [drawn[at], drawn[other]] = [drawn[other]!, drawn[at]!];
  }
  return drawn.join('');
}

/** The value of a secret whose GenerateSecretString this is: a password, or a template's JSON with it under a key. */
export function generated(random: Random, properties: Json): string {
  const { SecretStringTemplate, GenerateStringKey } = properties;
  const made = password(random, properties);
  if (SecretStringTemplate === undefined && GenerateStringKey === undefined) return made;
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined)
    throw invalidParameter('SecretStringTemplate and GenerateStringKey belong together; one of them is missing.');
  let template: Json;
  try {
    template = JSON.parse(SecretStringTemplate);
  } catch {
    throw invalidParameter(`SecretStringTemplate is not JSON: ${SecretStringTemplate}`);
  }
  return JSON.stringify({ ...template, [GenerateStringKey]: made });
}
