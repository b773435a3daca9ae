/** What a start is given. Source: Step Functions API reference, StartExecution. */
import type { Json } from '../service';
import { invalidInput, missing, validation } from './errors';
import { mostPayloadBytes } from './interpreter/data-flow';
import { exceeds, parsed } from './json';

export function demandMachine(input: Json): string {
  if (input.stateMachineArn === undefined) throw missing('stateMachineArn');
  return input.stateMachineArn;
}

export function checkedInput(text: unknown): Json {
  if (typeof text !== 'string') throw validation('input is a JSON text.');
  if (exceeds(text, mostPayloadBytes)) {
    throw validation(
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${mostPayloadBytes}`,
    );
  }
  const read = parsed(text);
  if (!read) throw invalidInput(`Invalid State Machine Execution Input: '${text.slice(0, 100)}' is no JSON`);
  return read.value;
}
