/** EventBridge's refusal of a pattern. */

/** `message` is AWS's whole text. */
export class InvalidEventPatternError extends Error {
  override readonly name = 'InvalidEventPatternError';
  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
  }
}

export function refuse(reason: string): never {
  throw new InvalidEventPatternError(reason);
}
