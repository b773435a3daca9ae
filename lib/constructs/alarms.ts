/** Who is told when something needs a person, and the alarms that tell. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { email?: string }) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName: 'Baton alarms', enforceSSL: true });
    // A topic with a policy of its own has lost SNS's default one, which let the account's alarms in.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (props.email) this.topic.addSubscription(new EmailSubscription(props.email));
  }

  /** Any message in `queue` is an alarm; `meaning` says what it means and what to do. */
  onAnyMessage(scope: Construct, id: string, queue: IQueue, meaning: string): Alarm {
    return this.above(scope, id, 0, queue.metricApproximateNumberOfMessagesVisible(perMinute('Maximum')), meaning);
  }

  /** The queue's oldest message is older than `seconds`. */
  onOldMessage(scope: Construct, id: string, queue: IQueue, seconds: number, meaning: string): Alarm {
    return this.above(scope, id, seconds, queue.metricApproximateAgeOfOldestMessage(perMinute('Maximum')), meaning);
  }

  /** `metric` is above `threshold`, `periods` of its periods in a row. */
  above(scope: Construct, id: string, threshold: number, metric: IMetric, meaning: string, periods = 1): Alarm {
    const alarm = new Alarm(scope, id, {
      alarmDescription: meaning,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // No data: the queue is idle, or the function was not called.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}

const perMinute = (statistic: string) => ({ statistic, period: Duration.minutes(1) });
