/** Every five minutes: pays the records that stay unpaid because nobody redelivered their event (PROTOCOL, rule T3). */
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { environment } from '../contracts/environment';
import type { Consumer as Declaration } from '../contracts/kit';
import { metrics } from '../contracts/metrics';
import { sweeperId } from './bundle';
import { type HandlerContext, sharedEnvironment } from './context';
import { countOf } from './counts';
import { HandlerFunction } from './handler-function';
import { sweeping } from './permissions';

const everySeconds = 300;
/** Shorter than the interval: two sweeps at once would only do the same work twice. */
const timeoutSeconds = 240;

export interface SweeperProps extends HandlerContext {
  consumers: readonly Declaration[];
}

export class Sweeper extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    const { settings, shared, consumers, alarms } = props;
    const description = 'Publishes the events that committed records still owe.';
    const handler = new HandlerFunction(this, 'Handler', {
      settings,
      folder: props.handlers.folderOf(sweeperId),
      description,
      timeoutSeconds,
      memoryMb: 256,
      environment: {
        ...sharedEnvironment(props),
        [environment.consumer]: sweeperId,
        ...(consumers.some((consumer) => consumer.schedules.length > 0) ? shared.scheduleEnvironment : {}),
      },
      statements: sweeping(consumers, shared.unpaidIndexArn, shared.arns),
    });
    this.function = handler.function;
    new Rule(this, 'Schedule', {
      description,
      schedule: Schedule.rate(Duration.seconds(everySeconds)),
      // A missed sweep is made good by the next one: no retries, no dead letters.
      targets: [new FunctionTarget(this.function, { retryAttempts: 0, maxEventAge: Duration.seconds(everySeconds) })],
    });
    alarms.above(
      this,
      'ErrorsAlarm',
      0,
      this.function.metricErrors({ period: Duration.minutes(15) }),
      'The sweeper failed. Events that consumers still owe may be late; nothing is lost. Read its log, fix the cause.',
    );
    alarms.above(
      this,
      'UnpaidAlarm',
      0,
      countOf(sweeperId, metrics.unpaid, everySeconds / 60),
      'Events that committed records owe cannot be published, by the sweeper neither; nothing is lost. Read its log, fix the cause: it goes on trying.',
      3,
    );
    alarms.above(
      this,
      'AbandonedAlarm',
      0,
      countOf(sweeperId, metrics.abandoned, everySeconds / 60),
      'An outside call was begun and nobody came back to it. Look into the dead letters of the consumer that the log names, and redrive.',
    );
  }
}
