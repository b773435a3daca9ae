/** What must hold whatever arrives. Where it does not, our own code is wrong: redelivered, then a dead letter; fails a seed. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence);
}
