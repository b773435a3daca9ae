/** Where a function starts. */
import type { CrossingFault } from '../faults';

const dev = 'https://docs.aws.amazon.com';
const any = (): boolean => true;

export const lambdaRows: readonly CrossingFault[] = [
  {
    name: 'crash-at-start',
    happens: 'The execution environment dies before the handler has done anything.',
    source: `${dev}/lambda/latest/dg/lambda-runtime-environment.html (errors and shutdown)`,
    weight: 15,
    at: 'invoke',
    strikes: any,
    draw: () => ({}),
    decision: () => ({ do: 'crash-before' }),
  },
  {
    name: 'function-timeout',
    happens: 'The function hangs until Lambda ends it.',
    source: `${dev}/lambda/latest/dg/configuration-timeout.html`,
    weight: 10,
    at: 'invoke',
    strikes: any,
    draw: () => ({}),
    decision: () => ({ do: 'timeout' }),
  },
  {
    name: 'slow-start',
    happens: 'A cold start takes seconds, and the time left is shorter by them.',
    source: `${dev}/lambda/latest/dg/lambda-runtime-environment.html (cold starts and latency)`,
    weight: 20,
    at: 'invoke',
    strikes: any,
    draw: (random) => ({ laterMs: 200 + random.below(9_000) }),
    decision: ({ laterMs }) => ({ do: 'later', laterMs }),
  },
];
