/** Parameter Store's errors. Source: Systems Manager API reference, "Errors" of each operation. */
import { Refusal } from '../refusal';

export const validation = (message: string): Refusal => new Refusal({ name: 'ValidationException', message });

export const constraint = (member: string, value: unknown, rule: string): Refusal =>
  validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const parameterError = (name: string, message: string): Refusal => new Refusal({ name, message });

/** AWS's has no text. */
export const parameterNotFound = (): Refusal => new Refusal({ name: 'ParameterNotFound', message: '' });
