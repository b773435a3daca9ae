/**
 * The shape of a decision, typed by the consumer's declaration: an event that is not declared under `emits` or
 * `schedules`, or a row that is not declared under `state`, is a compile error. Types only: lib/domain writes
 * decisions, lambdas/shared carries them out.
 *
 * A consumer without an outside effect has one: decide(event, state, { now }) -> Outcome.
 * One with an outside effect (a charge, a drawing) has two, and the call lies between them:
 *   ask(event, state, { now }) -> Ask, or an Outcome when there is nothing to ask. It is never asked again once a call
 *   may have been made: the platform keeps the request and repeats exactly that, whatever the state says by then;
 *   decide(event, state, answer, { now }) -> Outcome. `state` is what is there when the answer is written down, which
 *   may be newer than what `ask` saw (C5): what the outside did has happened all the same.
 */
import type { Consumer, DataOf, EmissionOf, EventOf, RowKey } from './kit';

/** Any event that the consumer handles; `type` narrows it. */
export type EventFor<C extends Consumer> = EventOf<C['on'][number]>;

/** What was read, by the names of the consumer's `state`; undefined: no such row, or its key was left out. */
export type StateOf<C extends Consumer> = {
  readonly [Name in keyof C['state']]: DataOf<C['state'][Name]> | undefined;
};

/** Which rows an event needs, by the names of the consumer's `state`; a name may be left out. */
export type KeysOf<C extends Consumer> = {
  readonly [Name in keyof C['state']]?: RowKey<DataOf<C['state'][Name]>>;
};

/** `Declared.of(...)` for events under `emits`, `Declared.later(...)` for events under `schedules`. */
export type EmissionFor<C extends Consumer> =
  | (EmissionOf<C['emits'][number]> & { readonly at?: undefined })
  | (EmissionOf<C['schedules'][number]> & { readonly at: number });

/** What is to become of it: all in one transaction, or nothing. An empty outcome: nothing is to do. */
export interface Outcome<C extends Consumer> {
  /** Rows to write, whole, or to delete; only rows whose keys were read. What is not named stays as it is. */
  write?: { [Name in keyof C['state']]?: DataOf<C['state'][Name]> | 'delete' };
  /** Published after the commit, in this order as far as EventBridge keeps one. */
  emit?: EmissionFor<C>[];
  /** For people: why, when the outcome alone does not say it ('the dispatch was missed before'). */
  note?: string;
  ask?: undefined;
}

/**
 * What the outside is to be asked, before the outcome can be known. The request is plain JSON: the claim keeps it. `write`:
 * rows that say so, written together with the claim: an undo that finds none knows that nothing was asked (S4).
 */
export interface Ask<C extends Consumer, Request> {
  ask: Request;
  write?: Outcome<C>['write'];
}

/** Epoch milliseconds; the event's own time is `event.meta.time`. A decision made again is given a new moment. */
export interface Moment {
  now: number;
}

/** Pure: made again on fresh state as often as a conflict demands, and only the committed outcome has effects. */
export type Decide<C extends Consumer> = (event: EventFor<C>, state: StateOf<C>, at: Moment) => Outcome<C>;

export type AskOutside<C extends Consumer, Request> = (
  event: EventFor<C>,
  state: StateOf<C>,
  at: Moment,
) => Ask<C, Request> | Outcome<C>;

export type Settle<C extends Consumer, Answer> = (
  event: EventFor<C>,
  state: StateOf<C>,
  answer: Answer,
  at: Moment,
) => Outcome<C>;
