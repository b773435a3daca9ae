/**
 * A queue as every queue here is: encrypted with SQS-managed keys and reachable by TLS only. Dead letters are kept as
 * long as SQS allows, because a person has to read them.
 */
import { Duration } from 'aws-cdk-lib';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  type IQueue,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { delivery } from '../contracts/delivery';
import { acknowledge } from './acknowledge';

const always: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** High throughput: order and deduplication within a message group only. */
const fifo: QueueProps = {
  fifo: true,
  // A copy that EventBridge sends again has the same body; copies with other ids are the protocol's business.
  contentBasedDeduplication: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

export interface DeadLettersProps {
  ordered?: boolean;
}

/** Where messages end that could not be handled. It has no dead letters of its own. */
export class DeadLetters extends Queue {
  constructor(scope: Construct, id: string, props: DeadLettersProps = {}) {
    super(scope, id, {
      ...always,
      ...(props.ordered ? fifo : {}),
      retentionPeriod: Duration.seconds(delivery.deadLetterRetentionSeconds),
    });
    acknowledge(this, 'SQS3', 'This queue holds dead letters: it is the end of the way, watched by an alarm.');
  }
}

export interface MessageQueueProps {
  visibilitySeconds: number;
  deadLetters: IQueue;
  ordered?: boolean;
}

export class MessageQueue extends Queue {
  constructor(scope: Construct, id: string, props: MessageQueueProps) {
    super(scope, id, {
      ...always,
      ...(props.ordered ? fifo : {}),
      retentionPeriod: Duration.seconds(delivery.queueRetentionSeconds),
      visibilityTimeout: Duration.seconds(props.visibilitySeconds),
      deadLetterQueue: { queue: props.deadLetters, maxReceiveCount: delivery.maxReceives },
    });
  }
}
