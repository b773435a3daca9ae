/** EventBridge Scheduler's errors. Source: Scheduler API reference, "Common errors"; texts as recorded from AWS where known. */
import { Refusal } from '../refusal';

export const validation = (message: string): Refusal => new Refusal({ name: 'ValidationException', message });

export const constraint = (member: string, value: unknown, rule: string): Refusal =>
  validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const missing = (member: string): Refusal =>
  validation(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );

export const notFound = (what: string): Refusal =>
  new Refusal({ name: 'ResourceNotFoundException', status: 404, message: `${what} does not exist.` });

export const conflict = (message: string): Refusal => new Refusal({ name: 'ConflictException', status: 409, message });
