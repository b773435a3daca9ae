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
} as const;
