import { seededRandom } from '../../../../lib/local/random';
import { createCloudWatchService } from '../../../../lib/local/services/cloudwatch';
import { metricsIn } from '../../../../lib/local/services/cloudwatch/emf';
import type { Json } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

const now = Date.UTC(2026, 0, 31);

function cloudWatch(): (operation: string, input: Json) => Json {
  const service = restoring(() =>
    createCloudWatchService({ account: '1', region: 'r', endpoint: '', random: seededRandom('test') }),
  );
  return (operation, input) => {
    const { reply } = service.apply(now, { operation, input, requestId: 'r' });
    if (reply?.error) throw new Error(`${reply.error.name}: ${reply.error.message}`);
    return reply?.output;
  };
}

const line = {
  _aws: {
    Timestamp: now,
    CloudWatchMetrics: [
      {
        Namespace: 'Shop',
        Dimensions: [['lane'], ['lane', 'kind']],
        Metrics: [{ Name: 'sold', Unit: 'Count' }, { Name: 'ms' }],
      },
    ],
  },
  lane: 'north',
  kind: 'box',
  sold: 2,
  ms: [10, 30],
};

// Source: CloudWatch User Guide, "Specification: Embedded metric format".
test('metrics inside of a log line: one for each set of dimensions', () => {
  const common = { namespace: 'Shop', timestampMs: now };
  expect(metricsIn(JSON.stringify(line))).toEqual([
    { ...common, name: 'sold', unit: 'Count', values: [2], dimensions: { lane: 'north' } },
    { ...common, name: 'sold', unit: 'Count', values: [2], dimensions: { lane: 'north', kind: 'box' } },
    { ...common, name: 'ms', unit: 'None', values: [10, 30], dimensions: { lane: 'north' } },
    { ...common, name: 'ms', unit: 'None', values: [10, 30], dimensions: { lane: 'north', kind: 'box' } },
  ]);
});

test.each([
  ['plain "_aws" text'],
  ['{"_aws":{}}'],
  ['{"_aws":'],
  ['{"_aws":{"CloudWatchMetrics":[{"Namespace":"N"}]}}'],
  ['null'],
])('no metrics in %s', (text) => {
  expect(metricsIn(text)).toEqual([]);
});

test('what was put and what lines held is listed and summed up', () => {
  const ask = cloudWatch();
  ask('$emf', { logGroup: '/g', line: JSON.stringify(line) });
  ask('PutMetricData', {
    Namespace: 'Shop',
    MetricData: [
      {
        MetricName: 'sold',
        Dimensions: [{ Name: 'lane', Value: 'north' }],
        Value: 5,
        Unit: 'Count',
        Timestamp: now / 1000 + 59,
      },
      {
        MetricName: 'sold',
        Dimensions: [{ Name: 'lane', Value: 'north' }],
        Values: [1, 2],
        Counts: [2, 1],
        Timestamp: now / 1000 + 60,
      },
    ],
  });
  expect(ask('ListMetrics', { Namespace: 'Shop', Dimensions: [{ Name: 'kind' }] })).toEqual({
    Metrics: ['sold', 'ms'].map((MetricName) => ({
      Namespace: 'Shop',
      MetricName,
      Dimensions: [
        { Name: 'lane', Value: 'north' },
        { Name: 'kind', Value: 'box' },
      ],
    })),
  });
  expect(
    ask('GetMetricStatistics', {
      Namespace: 'Shop',
      MetricName: 'sold',
      Dimensions: [{ Name: 'lane', Value: 'north' }],
      StartTime: now / 1000,
      EndTime: now / 1000 + 120,
      Period: 60,
      Statistics: ['Sum', 'Average', 'SampleCount', 'Maximum', 'Minimum'],
    }),
  ).toEqual({
    Label: 'sold',
    Datapoints: [
      { Timestamp: now / 1000, Unit: 'Count', Sum: 7, Average: 3.5, SampleCount: 2, Maximum: 5, Minimum: 2 },
      { Timestamp: now / 1000 + 60, Unit: 'None', Sum: 4, Average: 4 / 3, SampleCount: 3, Maximum: 2, Minimum: 1 },
    ],
  });
});

test('the metric that was silent longest goes first when there are too many', () => {
  const ask = cloudWatch();
  const put = (MetricName: string): void =>
    ask('PutMetricData', { Namespace: 'N', MetricData: [{ MetricName, Value: 1 }] });
  for (let number = 0; number < 1000; number++) put(`m${number}`);
  put('m0');
  put('one more');
  const names: string[] = ask('ListMetrics', {}).Metrics.map(({ MetricName }: Json) => MetricName);
  expect([names.length, names.includes('m0'), names.includes('m1')]).toEqual([1000, true, false]);
});

test.each([
  [
    'PutMetricData',
    { Namespace: 'N', MetricData: [{ MetricName: 'm', StatisticValues: {} }] },
    'StatisticValues of PutMetricData is not modelled',
  ],
  ['GetMetricStatistics', { ExtendedStatistics: ['p99'] }, 'ExtendedStatistics is not modelled'],
  [
    'PutMetricAlarm',
    {},
    "UnknownOperationException: CloudWatch's PutMetricAlarm is not modelled by the local runtime; modelled: PutMetricData, ListMetrics",
  ],
])('%s %j is refused', (operation, input, message) => {
  expect(() => cloudWatch()(operation, input)).toThrow(message);
});
