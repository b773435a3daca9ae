/**
 * What a decision is given and what it answers, typed by the consumer's declaration: an event that is not declared
 * under `emits` or `schedules`, or a row that is not declared under `state`, is a compile error. Types only: decisions
 * (lib/domain) and the delivery protocol (lambdas/shared) meet here.
 */
import type { Consumer, DataOf, EmissionOf, EventOf, RowKey } from './kit';

/** The events a consumer handles: a union that `type` narrows. */
export type EventFor<C extends Consumer> = EventOf<C['on'][number]>;

/** The rows by their declared names. undefined: no such row, or its key was left out for this event. */
export type StateOf<C extends Consumer> = {
  readonly [Name in keyof C['state']]: DataOf<C['state'][Name]> | undefined;
};

/** Which rows an event needs, by their declared names; a name may be left out. */
export type KeysOf<C extends Consumer> = {
  readonly [Name in keyof C['state']]?: RowKey<DataOf<C['state'][Name]>>;
};

/** `Declared.of(...)` for events under `emits`, `Declared.later(...)` for events under `schedules`. */
export type EmissionFor<C extends Consumer> =
  | (EmissionOf<C['emits'][number]> & { readonly at?: undefined })
  | (EmissionOf<C['schedules'][number]> & { readonly at: number });

/** What follows from an event. A business refusal is an outcome like any other, usually an emitted event. */
export interface Outcome<C extends Consumer> {
  /** Rows to write, whole, or to delete. Only rows whose keys were read for this event. */
  readonly write?: { readonly [Name in keyof C['state']]?: DataOf<C['state'][Name]> | 'delete' };
  /** Published once, after the writes are committed; in this order as far as EventBridge keeps one. */
  readonly emit?: readonly EmissionFor<C>[];
  /** Why, in a few words, for the log: 'the lane is full'. */
  readonly note?: string;
}

/** The moment of a decision; a decision that is made again after a conflict is given a new one. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Pure. Made again, on fresh state, as often as a conflict demands; only the committed outcome has effects. */
export type Decide<C extends Consumer> = (event: EventFor<C>, state: StateOf<C>, moment: Moment) => Outcome<C>;

/**
 * What to ask the gateway, or the outcome where nothing need be asked. The request is plain JSON: it is kept in the
 * claim, and asking again after a death repeats exactly this request.
 */
export type Asked<C extends Consumer, Request> =
  | { readonly request: Request; readonly settled?: undefined }
  | { readonly settled: Outcome<C>; readonly request?: undefined };

/** Pure. */
export type Ask<C extends Consumer, Request> = (
  event: EventFor<C>,
  state: StateOf<C>,
  moment: Moment,
) => Asked<C, Request>;

/**
 * Pure: what the gateway's answer means. The state is as it is after the call, and may have changed since `ask`:
 * the answer has happened all the same.
 */
export type DecideAnswer<C extends Consumer, Answer> = (
  event: EventFor<C>,
  state: StateOf<C>,
  answer: Answer,
  moment: Moment,
) => Outcome<C>;
