/** What functions count about events: lib/contracts/metrics.ts. */
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metrics } from '../contracts/metrics';

/** `service`: the consumer's id, or the sweeper's. `minutes`: what one point of the graph sums up. */
export const countOf = (service: string, metricName: string, minutes = 1): Metric =>
  new Metric({
    namespace: metrics.namespace,
    metricName,
    dimensionsMap: { [metrics.dimension]: service },
    statistic: 'Sum',
    period: Duration.minutes(minutes),
  });
