/** EventBridge's refusals. Source: API reference, "Errors" of each action; texts as recorded from AWS. */
import { Refusal } from '../refusal';

export const validation = (message: string): Refusal => new Refusal({ name: 'ValidationException', message });

/** The wording of AWS's parameter checks. `path` is like 'entries.1.member.detailType'. */
export const constraint = (path: string, value: unknown, must: string): Refusal =>
  validation(
    `1 validation error detected: Value '${String(value)}' at '${path}' failed to satisfy constraint: ${must}`,
  );

/** Source: API references CreateArchive and StartReplay, "Pattern: [\\.\\-_A-Za-z0-9]+" and the lengths. */
export function checkName(path: string, name: unknown, longest: number): void {
  if (typeof name !== 'string') throw constraint(path, null, 'Member must not be null');
  if (!/^[.\-_A-Za-z0-9]+$/.test(name)) {
    throw constraint(path, name, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+');
  }
  if (name.length > longest) throw constraint(path, name, `Member must have length less than or equal to ${longest}`);
}

export const invalidParameter = (name: string, reason?: string): Refusal =>
  validation(`Parameter ${name} is not valid.${reason ? ` Reason: ${reason}` : ''}`);

export const notFound = (message: string): Refusal => new Refusal({ name: 'ResourceNotFoundException', message });

export const alreadyExists = (message: string): Refusal =>
  new Refusal({ name: 'ResourceAlreadyExistsException', message });

export const invalidPattern = (message: string): Refusal =>
  new Refusal({ name: 'InvalidEventPatternException', message });

/** What AWS does and the local runtime does not; never ignored. */
export const notModelled = (what: string, allowed: string): Refusal =>
  validation(`${what} is not modelled by the local runtime; modelled: ${allowed}.`);

export const limitExceeded = (): Refusal =>
  new Refusal({
    name: 'LimitExceededException',
    message: 'The requested resource exceeds the maximum number allowed.',
  });
