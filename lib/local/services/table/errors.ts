/**
 * Refusals, thrown inside the engine and turned into replies in index.ts. A refusal is no `Error`: failed conditions are
 * everyday answers here, and a stack trace each would cost more than the request.
 */
import type { Json, Reply } from '../service';

export class Refusal {
  constructor(
    readonly name: string,
    readonly message: string,
    readonly members?: Json,
  ) {}

  toReply(): Reply {
    const { name, message, members } = this;
    return { error: members === undefined ? { name, message } : { name, message, members } };
  }
}

export const invalid = (message: string): Refusal => new Refusal('ValidationException', message);

/** The prefix that most of AWS's messages about a parameter carry. */
export const invalidParameter = (message: string): Refusal =>
  invalid(`One or more parameter values were invalid: ${message}`);

export const tableNotFound = (): Refusal => new Refusal('ResourceNotFoundException', 'Requested resource not found');

export const conditionFailed = (item?: Json): Refusal =>
  new Refusal('ConditionalCheckFailedException', 'The conditional request failed', item && { Item: item });

/** AWS has it, we do not: says so by name instead of ignoring it. */
export const notModelled = (what: string, instead: string): Refusal =>
  invalid(`${what} is not modelled by Baton's local DynamoDB. ${instead}`);
