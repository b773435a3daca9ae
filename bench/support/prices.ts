/**
 * What AWS asks for, in US dollars: on-demand list prices of us-east-1 in 2025, without free tiers, written down from
 * memory and not looked up (aws.amazon.com/<service>/pricing has them). Nothing was billed: check before they matter.
 */
const million = 1e6;

export const prices = {
  /** Arm, first tier. */
  lambdaRequest: 0.2 / million,
  lambdaGbSecond: 0.0000133334,
  /** Standard queues, first tier; each batch call is one request for each 64 KB. */
  sqsRequest: 0.4 / million,
  /** Custom events, for each 64 KB. Delivery to SQS in the same account is free. */
  customEvent: 1 / million,
  /** Scheduler, for each invocation. */
  schedule: 1 / million,
  /** On-demand capacity; a transaction uses two units where a plain write uses one. */
  writeUnit: 0.625 / million,
  readUnit: 0.125 / million,
  s3Put: 5 / million,
  logGb: 0.5,
  /** X-Ray: 5 % of invocations, the default sampling, leaving out one a second. */
  trace: 5 / million,
  traceShare: 0.05,
} as const;

/**
 * How long an invocation is on AWS is not known here, where no network is. Assumed: 6 ms for each AWS call that it waits
 * for, calls of one invocation one after the other (they partly go side by side, so this is at most too much), and 5 ms.
 */
export const assumed = { callMs: 6, ownMs: 5 } as const;
