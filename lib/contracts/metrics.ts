/**
 * What functions count (CloudWatch, by the embedded metric format), read by the dashboard. The dimension `service` is
 * the consumer's id. Unit: count of events.
 */
export const metrics = {
  namespace: 'Baton',
  dimension: 'service',
  /** Decided and committed for the first time. */
  handled: 'Handled',
  /** Found to be handled already. */
  duplicate: 'Duplicate',
  /** Sent to the dead letters by the handler, because it can never succeed. */
  rejected: 'Rejected',
  /** Decided again, because a row or the record had changed meanwhile. */
  conflict: 'Conflict',
  /** Left to a person: an outside call may or may not have been executed. */
  parked: 'Parked',
  /** A saga told that a step of it waits for a person. */
  sagaParked: 'SagaParked',
  /** Committed, but what is owed was not published in this invocation: a redelivery or the sweeper pays it. */
  unpaid: 'Unpaid',
  /** Claims whose owner died and that nobody has taken up since, seen by the sweeper. */
  abandoned: 'Abandoned',
} as const;
