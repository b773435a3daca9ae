/**
 * The environment variables of every function: written by lib/constructs, read by lambdas/shared/environment.ts.
 * Names only; a value is a resource's name, URL or ARN, or a number.
 */
export const environment = {
  /** Name of the event bus. */
  busName: 'BATON_BUS_NAME',
  busArn: 'BATON_BUS_ARN',
  /** Name of the table of idempotency records: lib/contracts/record.ts. */
  recordTable: 'BATON_RECORD_TABLE',
  /** URL of the consumer's own dead letters. */
  deadLettersUrl: 'BATON_DEAD_LETTERS_URL',
  /** Consumers that schedule events: the group, and the role that EventBridge Scheduler publishes with. */
  scheduleGroup: 'BATON_SCHEDULE_GROUP',
  scheduleRoleArn: 'BATON_SCHEDULE_ROLE_ARN',
  /** ARN of the standard queue where schedules that could not publish end. */
  scheduleDeadLettersArn: 'BATON_SCHEDULE_DEAD_LETTERS_ARN',
  /** Consumers with `stores: 'labels'`. */
  labelsBucket: 'BATON_LABELS_BUCKET',
  /** Table of the sandbox payment gateway. */
  gatewayTable: 'BATON_GATEWAY_TABLE',
  /** The 'dispatch/reserve-capacity' of the function. */
  consumer: 'BATON_CONSUMER',
  /** How long after its opening a booking must be ready for dispatch. */
  dispatchDeadlineSeconds: 'BATON_DISPATCH_DEADLINE_SECONDS',
  /** Conductors: ARN of what they start, the saga's alias. */
  sagaArn: 'BATON_SAGA_ARN',
  stage: 'BATON_STAGE',
} as const;

/** Name of the table of a row type: BATON_TABLE_LANE_DAY for LaneDay. */
export const tableVariable = (rowName: string): string =>
  `BATON_TABLE_${rowName.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}`;
