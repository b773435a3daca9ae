/**
 * The event bus, its archive, and the queue of events that nobody declared: a misspelt detail-type would otherwise be
 * gone without a trace.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { Archive, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { Settings } from '../config';
import { delivery } from '../contracts/delivery';
import type { EventType } from '../contracts/kit';
import { patternsOfOthers } from './event-pattern';
import { DeadLetters } from './message-queue';
import { removalPolicy } from './removal';

/** How long events can be replayed from the archive. */
const archiveDays = 30;

export interface BusProps {
  settings: Settings;
  /** All declared events. */
  events: readonly EventType[];
}

export class Bus extends Construct {
  readonly eventBus: EventBus;
  /** Events whose source or detail-type no declaration knows; kept for a person to read. */
  readonly unroutedEvents: DeadLetters;

  constructor(scope: Construct, id: string, props: BusProps) {
    super(scope, id);
    const policy = removalPolicy(props.settings);
    this.eventBus = new EventBus(this, 'EventBus', {
      // EventBridge demands a name, and the CDK's own would be the same in every stage.
      eventBusName: `baton-${props.settings.stage}`,
      description: 'Every event of the app.',
    });
    this.eventBus.applyRemovalPolicy(policy);
    const archive = new Archive(this, 'Archive', {
      sourceEventBus: this.eventBus,
      description: 'Every event, for replay.',
      eventPattern: { account: [Stack.of(this).account] },
      retention: Duration.days(archiveDays),
    });
    archive.applyRemovalPolicy(policy);
    this.unroutedEvents = new DeadLetters(this, 'UnroutedEvents');
    this.unroutedEvents.applyRemovalPolicy(policy);
    for (const { name, pattern } of patternsOfOthers(props.events)) {
      new Rule(this, name, {
        eventBus: this.eventBus,
        description: 'Events that no declaration knows, to the queue of unrouted events.',
        eventPattern: pattern,
        targets: [
          new SqsQueue(this.unroutedEvents, {
            maxEventAge: Duration.seconds(delivery.busRetrySeconds),
            retryAttempts: delivery.busRetryAttempts,
          }),
        ],
      });
    }
  }
}
