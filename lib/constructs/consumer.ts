/**
 * One declared consumer: rules on the bus -> its own queue -> its function, with dead letters behind both the rules
 * and the queue, and the alarms that tell a person.
 */
import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { delivery } from '../contracts/delivery';
import { environment, tableVariable } from '../contracts/environment';
import type { Consumer as Declaration } from '../contracts/kit';
import { metrics } from '../contracts/metrics';
import { type HandlerContext, sharedEnvironment } from './context';
import { countOf } from './counts';
import { patternsByKey, patternsOf } from './event-pattern';
import { HandlerFunction } from './handler-function';
import { DeadLetters, MessageQueue } from './message-queue';
import { asksSandboxGateway, consuming } from './permissions';

export interface ConsumerProps extends HandlerContext {
  declaration: Declaration;
}

export class Consumer extends Construct {
  readonly declaration: Declaration;
  readonly queue: Queue;
  /** What the handler rejected, and what the queue gave up; the same type as the queue, as SQS demands. */
  readonly deadLetters: Queue;
  /** What the rules could not deliver: `deadLetters`, except for a FIFO consumer (EventBridge takes standard queues only). */
  readonly undelivered: Queue;
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ConsumerProps) {
    super(scope, id);
    const { declaration, shared, settings, alarms } = props;
    const { ordered } = declaration;
    this.declaration = declaration;
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { ordered });
    this.undelivered = ordered ? new DeadLetters(this, 'Undelivered') : this.deadLetters;
    this.queue = new MessageQueue(this, 'Queue', {
      visibilitySeconds: declaration.visibilitySeconds,
      deadLetters: this.deadLetters,
      ordered,
    });
    this.route(props, this.queue, this.undelivered);

    const handler = new HandlerFunction(this, 'Handler', {
      settings,
      folder: props.handlers.folderOf(declaration.id),
      description: declaration.does,
      timeoutSeconds: declaration.timeoutSeconds,
      memoryMb: declaration.memoryMb,
      environment: this.environment(props),
      statements: consuming(
        declaration,
        { queueArn: this.queue.queueArn, deadLettersArn: this.deadLetters.queueArn },
        shared.arns,
      ),
    });
    this.function = handler.function;
    new EventSourceMapping(this, 'Mapping', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: declaration.batchSize,
      // SQS counts a batch above 10 only when Lambda may wait for it.
      maxBatchingWindow: declaration.batchSize > 10 ? Duration.seconds(1) : undefined,
      maxConcurrency: declaration.maxConcurrency,
      reportBatchItemFailures: true,
    });

    const meaning = `${declaration.id}: ${declaration.ifDeadLettered}`;
    alarms.onAnyMessage(this, 'DeadLettersAlarm', this.deadLetters, meaning);
    if (ordered) alarms.onAnyMessage(this, 'UndeliveredAlarm', this.undelivered, meaning);
    if (declaration.outside) {
      alarms.above(
        this,
        'ParkedAlarm',
        0,
        countOf(declaration.id, metrics.parked, 5),
        `${declaration.id}: a call to the ${declaration.outside.gateway} was left to a person: whether it was carried ` +
          'out is not known, and it is not asked again. Look it up there, then settle the record by hand.',
      );
    }
    const patience = declaration.visibilitySeconds * delivery.maxReceives;
    alarms.onOldMessage(
      this,
      'AgeAlarm',
      this.queue,
      patience,
      `${declaration.id}: an event has waited for more than ${patience} s, longer than all its receives take: the ` +
        'function is throttled, too slow or switched off. Nothing is lost yet.',
    );
  }

  private route(props: ConsumerProps, queue: IQueue, deadLetters: IQueue): void {
    const { on, ordered } = this.declaration;
    // The data says what an event is about; an event from outside need not carry meta.key.
    const lanes = ordered ? patternsByKey(on) : patternsOf(on).map((one) => ({ ...one, keyField: undefined }));
    for (const { name, pattern, keyField } of lanes) {
      new Rule(this, `From${name}`, {
        eventBus: props.shared.eventBus,
        description: this.declaration.does,
        eventPattern: pattern,
        targets: [
          new SqsQueue(queue, {
            deadLetterQueue: deadLetters,
            maxEventAge: Duration.seconds(delivery.busRetrySeconds),
            retryAttempts: delivery.busRetryAttempts,
            messageGroupId: keyField && `$.detail.data.${keyField}`,
          }),
        ],
      });
    }
  }

  private environment(props: ConsumerProps): Record<string, string> {
    const { declaration, shared } = props;
    const rows = Object.values(declaration.state);
    return {
      ...sharedEnvironment(props),
      [environment.consumer]: declaration.id,
      [environment.deadLettersUrl]: this.deadLetters.queueUrl,
      ...Object.fromEntries(rows.map((row) => [tableVariable(row.name), shared.rowTableNames[row.name]!])),
      ...(declaration.schedules.length > 0 ? shared.scheduleEnvironment : {}),
      ...(declaration.stores === 'labels' ? { [environment.labelsBucket]: shared.labelsBucketName } : {}),
      ...(declaration.conducts ? { [environment.sagaArn]: shared.arns.sagas[declaration.conducts]!.alias } : {}),
      ...(asksSandboxGateway(declaration) ? { [environment.gatewayTable]: shared.gatewayTableName } : {}),
    };
  }
}
