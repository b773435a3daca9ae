/**
 * The shape of a decision: pure functions from an event and the state that was read to an outcome. Types only.
 * lib/domain writes them, lambdas/shared carries them out.
 *
 * A consumer without an outside effect has one: decide(event, state, { now }) -> Outcome.
 * One with an outside effect (a charge, a drawing) has two, and the call lies between them:
 *   ask(event, state, { now, again }) -> Ask, or an Outcome when there is nothing to ask;
 *   settle(event, state, answer, { now }) -> Outcome. `state` is what is there when the answer is written down, which may
 *   be newer than what `ask` saw (C5).
 */
import type { Consumer, DataOf, EmissionOf, EventOf } from './kit';

/** Any event that the consumer handles; `type` narrows it. */
export type EventFor<C> = C extends { on: readonly (infer E)[] } ? EventOf<E> : never;

/** What was read, by the names of the consumer's `state`; undefined: no such row yet. */
export type StateOf<C> = C extends { state: infer State }
  ? { [Name in keyof State]: DataOf<State[Name]> | undefined }
  : never;

type Emitted<C> =
  C extends Consumer<any, infer Emits, infer Schedules, any>
    ? EmissionOf<Emits[number]> | EmissionOf<Schedules[number]>
    : never;

/** What is to become of it: all in one transaction, or nothing. An empty outcome is the decision that nothing is to do. */
export interface Outcome<C> {
  /** Rows to write, whole, or to delete; what is not named stays as it is. */
  write?: C extends { state: infer State } ? { [Name in keyof State]?: DataOf<State[Name]> | 'delete' } : never;
  emit?: Emitted<C>[];
  /** For people: why, when the outcome alone does not say it ('the dispatch was missed before'). */
  note?: string;
}

/** What the outside is to be asked, before the outcome can be known. */
export interface Ask<Request> {
  ask: Request;
}

/** Epoch milliseconds; the event's own time is `event.meta.time`. */
export interface Moment {
  now: number;
}

/**
 * `again`: an earlier attempt has asked, or may have, and its answer is unknown. Then the same must be asked again,
 * whatever the state says now: what the outside did cannot be undone by those who do not know of it.
 */
export interface AskMoment extends Moment {
  again: boolean;
}

export type Decide<C> = (event: EventFor<C>, state: StateOf<C>, at: Moment) => Outcome<C>;
export type AskOutside<C, Request> = (
  event: EventFor<C>,
  state: StateOf<C>,
  at: AskMoment,
) => Ask<Request> | Outcome<C>;
export type Settle<C, Answer> = (event: EventFor<C>, state: StateOf<C>, answer: Answer, at: Moment) => Outcome<C>;
