/** Secrets Manager's errors. Source: API reference, "Errors" of each operation; texts as recorded from AWS. */
import { Refusal } from '../refusal';

const error =
  (name: string) =>
  (message: string): Refusal =>
    new Refusal({ name, message });

export const invalidParameter = error('InvalidParameterException');
export const invalidRequest = error('InvalidRequestException');
export const limitExceeded = error('LimitExceededException');
export const notFound = error('ResourceNotFoundException');
export const exists = error('ResourceExistsException');
export const validation = error('ValidationException');
export const invalidToken = error('InvalidNextTokenException');

export const noSecret = (): Refusal => notFound("Secrets Manager can't find the specified secret.");
