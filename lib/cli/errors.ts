/** What a user can mend: printed as one sentence, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    message: string,
    /** 1: it failed; 2: the command line itself is wrong. */
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
