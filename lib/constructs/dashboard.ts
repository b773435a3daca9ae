/** One page for whoever is on call: per consumer what waits, what was done, what is dead; and what nobody knows. */
import { Duration } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metrics } from '../contracts/metrics';
import { sweeperId } from './bundle';
import type { Consumer } from './consumer';
import { countOf } from './counts';
import type { Saga } from './saga';

export interface DashboardProps {
  title: string;
  sagas: readonly Saga[];
  consumers: readonly Consumer[];
  busName: string;
  unroutedEvents: IQueue;
  scheduleDeadLetters: IQueue;
  sweeper: LambdaFunction;
}

const period = Duration.minutes(1);
const visible = (queue: IQueue, label: string): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum', label });

export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.dashboard = new CloudWatchDashboard(this, 'Dashboard', { defaultInterval: Duration.hours(3) });
    this.dashboard.addWidgets(new TextWidget({ markdown: `# ${props.title}`, width: 24, height: 1 }));
    this.dashboard.addWidgets(
      graph('Bus: events matched, deliveries tried', [
        onBus(props.busName, 'MatchedEvents'),
        onBus(props.busName, 'InvocationAttempts'),
      ]),
      graph('Events that no declaration knows, schedules that could not publish', [
        visible(props.unroutedEvents, 'unrouted'),
        visible(props.scheduleDeadLetters, 'schedules'),
      ]),
      graph('Sweeper', [
        props.sweeper.metricInvocations({ period, label: 'runs' }),
        props.sweeper.metricErrors({ period, label: 'errors' }),
        countOf(sweeperId, metrics.unpaid),
        countOf(sweeperId, metrics.abandoned),
      ]),
    );
    for (const saga of props.sagas) this.dashboard.addWidgets(...rowOfSaga(saga));
    for (const consumer of props.consumers) this.dashboard.addWidgets(...rowOf(consumer));
  }
}

function rowOf(consumer: Consumer): GraphWidget[] {
  const { id, ordered, outside } = consumer.declaration;
  return [
    graph(
      `${id}: waiting`,
      [visible(consumer.queue, 'messages')],
      [consumer.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum', label: 'oldest, seconds' })],
    ),
    graph(`${id}: events`, [
      ...[metrics.handled, metrics.duplicate, metrics.conflict, metrics.rejected].map((name) => countOf(id, name)),
      ...(outside ? [countOf(id, metrics.parked)] : []),
    ]),
    graph(`${id}: dead letters`, [
      visible(consumer.deadLetters, 'dead letters'),
      ...(ordered ? [visible(consumer.undelivered, 'undelivered')] : []),
      consumer.function.metricErrors({ period, label: 'function errors' }),
    ]),
  ];
}

function rowOfSaga({ declaration: { id }, machine }: Saga): GraphWidget[] {
  const started = machine.metricStarted({ period, label: 'started' });
  const succeeded = machine.metricSucceeded({ period, label: 'done or undone' });
  const bad = {
    failed: machine.metricFailed({ period, label: 'failed' }),
    timedOut: machine.metricTimedOut({ period, label: 'timed out' }),
    aborted: machine.metricAborted({ period, label: 'aborted' }),
  };
  return [
    graph(`${id}: executions`, [started, succeeded]),
    graph(`${id}: executions that ended neither done nor undone`, Object.values(bad)),
    graph(
      `${id}: under way, and for how long`,
      [
        // Step Functions counts the open executions of a whole account only.
        new MathExpression({
          expression: `RUNNING_SUM(${['started', 'succeeded', ...Object.keys(bad)].map((name) => `FILL(${name}, 0)`).join(' - ')})`,
          usingMetrics: { started, succeeded, ...bad },
          period,
          label: "open, compared with this graph's left edge",
        }),
      ],
      [machine.metricTime({ period, label: 'from start to end, milliseconds' })],
    ),
  ];
}

const onBus = (busName: string, metricName: string): IMetric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName,
    dimensionsMap: { EventBusName: busName },
    statistic: 'Sum',
    period,
  });

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left, right, width: 8, height: 6 });
