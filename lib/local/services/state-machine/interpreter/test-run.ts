/**
 * A TestState request while it runs: what stands for the state's work, and what it shows of the data on its way.
 * Source: Step Functions developer guide, "Using TestState API to test a state".
 */
import type { Json } from '../../service';
import { StateFailure } from '../failure';
import type { StateContext } from './context';
import type { MapNumbers } from './map-numbers';

export interface StateTest {
  mock?: { result: Json } | { error?: string; cause?: string };
  /** Takes the place of the context object. */
  context?: Json;
  /** Iterations of a Map that are taken to have failed. */
  failedIterations?: number;
  /** What an ItemReader is taken to have read. */
  readerData?: Json[];
  /** Values by the name that the answer gives them. */
  inspected: Record<string, Json>;
  answer?: Json;
}

/** The mock's result; undefined without a mock. Fails as the mock says. */
export function mockedWork({ thread }: StateContext): { result: Json } | undefined {
  const mock = thread.execution.test?.mock;
  if (!mock) return undefined;
  if ('result' in mock) return mock;
  throw new StateFailure(mock.error, mock.cause);
}

/** The same for a Map, whose failed iterations may be more than it tolerates. */
export function mockedMap(context: StateContext, numbers: MapNumbers, total: number): { result: Json } | undefined {
  const { test } = context.thread.execution;
  if (!test) return undefined;
  test.inspected.maxConcurrency = numbers.maxConcurrency;
  const { toleratedCount, toleratedPercentage } = numbers;
  if (toleratedCount !== undefined) test.inspected.toleratedFailureCount = toleratedCount;
  if (toleratedPercentage !== undefined) test.inspected.toleratedFailurePercentage = toleratedPercentage;
  const limited = toleratedCount !== undefined || toleratedPercentage !== undefined;
  const mocked = mockedWork(context);
  if (limited && !numbers.tolerates(test.failedIterations ?? 0, total)) {
    throw new StateFailure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
  }
  return mocked;
}
