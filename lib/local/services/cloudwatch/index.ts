/**
 * Amazon CloudWatch metrics: what was put, kept bounded, listed, and summed up by period.
 *
 * Modelled: PutMetricData, ListMetrics, GetMetricStatistics (no percentiles), and `$emf` { logGroup, line } for metrics
 * inside of log lines. Alarms and dashboards only observe (observers.ts). Metrics of the services themselves
 * (AWS/SQS, AWS/Lambda, ...) are not made here.
 * Kept: the newest 1,000 values of a metric, 1,000 metrics.
 * Source: CloudWatch API reference.
 */
import type { Millis } from '../../ports';
import { Refusal, replyOf } from '../refusal';
import type { Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { type Datum, metricsIn } from './emf';

const maxMetrics = 1000;
const maxValues = 1000;

interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  points: { atMs: Millis; value: number; unit: string }[];
}

export function createCloudWatchService(_options: ServiceOptions): Service {
  const metrics = new Map<string, Metric>();

  const keep = ({ namespace, name, dimensions, unit, values, timestampMs }: Datum): void => {
    const key = JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
    const metric = metrics.get(key) ?? { namespace, name, dimensions, points: [] };
    // Set anew, so that the metric that was silent longest goes first.
    metrics.delete(key);
    metrics.set(key, metric);
    for (const value of values) metric.points.push({ atMs: timestampMs, value, unit });
    if (metric.points.length > maxValues) metric.points.splice(0, metric.points.length - maxValues);
    if (metrics.size > maxMetrics) metrics.delete(metrics.keys().next().value!);
  };

  const operations: Record<string, (now: Millis, input: Json) => Json> = {
    PutMetricData: (now, { Namespace, MetricData = [] }) => {
      for (const {
        MetricName,
        Dimensions,
        Unit = 'None',
        Value,
        Values,
        Counts,
        StatisticValues,
        Timestamp,
      } of MetricData) {
        if (StatisticValues) throw notModelled('StatisticValues of PutMetricData', 'Value, Values with Counts');
        const many = (Values ?? []).flatMap((value: number, index: number) => Array(Counts?.[index] ?? 1).fill(value));
        keep({
          namespace: Namespace,
          name: MetricName,
          dimensions: dimensionsOf(Dimensions),
          unit: Unit,
          values: Value === undefined ? many : [Value],
          timestampMs: Timestamp === undefined ? now : Timestamp * 1000,
        });
      }
      return {};
    },
    $emf: (_now, { line }) => {
      for (const datum of metricsIn(line)) keep(datum);
      return {};
    },
    ListMetrics: (_now, { Namespace, MetricName, Dimensions = [] }) => ({
      Metrics: [...metrics.values()]
        .filter(
          ({ namespace, name, dimensions }) =>
            (Namespace === undefined || namespace === Namespace) &&
            (MetricName === undefined || name === MetricName) &&
            Dimensions.every(
              ({ Name, Value }: Json) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
            ),
        )
        .map(({ namespace, name, dimensions }) => ({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
    }),
    GetMetricStatistics: (_now, input) => {
      if (input.ExtendedStatistics) throw notModelled('ExtendedStatistics', 'Statistics');
      const wanted = JSON.stringify([
        input.Namespace,
        input.MetricName,
        Object.entries(dimensionsOf(input.Dimensions)).sort(),
      ]);
      const periodMs = input.Period * 1000;
      const buckets = new Map<number, Metric['points']>();
      for (const point of metrics.get(wanted)?.points ?? []) {
        if (point.atMs < input.StartTime * 1000 || point.atMs >= input.EndTime * 1000) continue;
        const bucket = Math.floor(point.atMs / periodMs) * periodMs;
        buckets.set(bucket, [...(buckets.get(bucket) ?? []), point]);
      }
      return {
        Label: input.MetricName,
        Datapoints: [...buckets].map(([atMs, points]) => ({
          Timestamp: atMs / 1000,
          Unit: points[0]!.unit,
          ...pick(statistics(points.map(({ value }) => value)), input.Statistics ?? []),
        })),
      };
    },
  };

  return {
    name: 'cloudwatch',
    state: metrics,
    apply: (now: Millis, { operation, input }: ServiceRequest): Outcome => ({
      reply: replyOf(() => {
        if (!Object.hasOwn(operations, operation)) {
          const message = `CloudWatch's ${operation} is not modelled by the local runtime; modelled: ${modelled(operations)}.`;
          throw new Refusal({ name: 'UnknownOperationException', message });
        }
        return operations[operation]!(now, input ?? {});
      }),
    }),
    wake: () => ({}),
  };
}

const modelled = (operations: object): string =>
  Object.keys(operations)
    .filter((name) => !name.startsWith('$'))
    .join(', ');

const notModelled = (what: string, allowed: string): Refusal =>
  new Refusal({
    name: 'InvalidParameterCombination',
    message: `${what} is not modelled by the local runtime; modelled: ${allowed}.`,
  });

const dimensionsOf = (list: Json[] | undefined): Record<string, string> =>
  Object.fromEntries((list ?? []).map(({ Name, Value }) => [Name, Value]));

function statistics(values: number[]): Record<string, number> {
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    SampleCount: values.length,
    Sum: sum,
    Average: sum / values.length,
    Minimum: values.reduce((least, value) => Math.min(least, value)),
    Maximum: values.reduce((most, value) => Math.max(most, value)),
  };
}

const pick = (all: Record<string, number>, names: string[]): Record<string, number> =>
  Object.fromEntries(names.filter((name) => name in all).map((name) => [name, all[name]!]));
