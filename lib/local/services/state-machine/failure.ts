/** How a state fails while it runs. What no state may catch says so. */

export interface FailureOptions {
  /** An evaluation failed: the history gets EvaluationFailed, with the field where it did. */
  evaluation?: {
    location?: string;
    /** The history goes on from the event of the state's entry, not from the one before it. */
    afterEntry?: boolean;
    /** The history has it. */
    noted?: boolean;
  };
  /** False: neither Retry nor Catch applies. */
  catchable?: boolean;
  /** Names that Retry and Catch may also mean it by. */
  alsoNamed?: string;
  /** The interpreter says this, not the work: the cause begins with the state where it happened. */
  internal?: boolean;
}

export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly evaluation?: FailureOptions['evaluation'];
  readonly catchable: boolean;
  readonly alsoNamed?: string;
  private internal: boolean;
  constructor(
    readonly error: string | undefined,
    /** undefined: AWS gives none. */
    private reason: string | undefined,
    options: FailureOptions = {},
  ) {
    super(`${error ?? 'failure'}: ${reason ?? ''}`);
    this.evaluation = options.evaluation;
    this.catchable = options.catchable ?? true;
    this.alsoNamed = options.alsoNamed;
    this.internal = options.internal ?? false;
  }

  override get cause(): string | undefined {
    return this.reason;
  }

  /** Says once in which state it happened; true where that is this state. */
  locate(state: string, enteredId: number): boolean {
    if (!this.internal) return false;
    this.internal = false;
    this.reason = `An error occurred while executing the state '${state}' (entered at the event id #${enteredId}). ${this.reason}`;
    return true;
  }
}

/** AWS's States.Runtime: a mistake of the definition or its data, never caught. The state's name is put before it. */
export const runtimeFailure = (message: string): StateFailure =>
  new StateFailure('States.Runtime', message, { catchable: false, internal: true });

/** A JSONata expression or its result was no good. */
export const evaluationFailure = (message: string, location?: string, afterEntry?: boolean): StateFailure =>
  new StateFailure('States.QueryEvaluationError', message, { evaluation: { location, afterEntry }, internal: true });

/** The execution has as many events as AWS allows; nothing goes on. */
export class HistoryFull extends Error {
  override readonly name = 'HistoryFull';
}
