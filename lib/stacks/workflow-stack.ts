/** What has no memory: the consumers, the sweeper, alarms and dashboard. Can be removed and deployed again at will. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Settings } from '../config';
import { Alarms } from '../constructs/alarms';
import type { HandlerBundles } from '../constructs/bundle';
import { Consumer } from '../constructs/consumer';
import type { HandlerContext } from '../constructs/context';
import { Dashboard } from '../constructs/dashboard';
import { SagaAlarms } from '../constructs/saga-alarms';
import { Sweeper } from '../constructs/sweeper';
import { consumers } from '../contracts';
import { outputName } from './names';
import type { StateStack } from './state-stack';

export interface WorkflowStackProps extends StackProps {
  settings: Settings;
  handlers: HandlerBundles;
  state: StateStack;
}

export class WorkflowStack extends Stack {
  constructor(scope: Construct, id: string, props: WorkflowStackProps) {
    super(scope, id, { description: 'Baton: consumers, sweeper, alarms, dashboard. Has no memory.', ...props });
    const { settings, handlers, state } = props;
    const alarms = new Alarms(this, 'Alarms', { email: settings.alarmEmail });
    const context: HandlerContext = { settings, handlers, shared: state.shared, alarms };
    const contexts = new Map<string, Construct>();
    const contextOf = (owner: string): Construct => {
      const known = contexts.get(owner) ?? new Construct(this, outputName(owner));
      contexts.set(owner, known);
      return known;
    };
    const deployed = consumers.map(
      (declaration) => new Consumer(contextOf(declaration.owner), declaration.name, { ...context, declaration }),
    );
    for (const { declaration, machine } of state.sagas) {
      new SagaAlarms(contextOf(declaration.owner), declaration.name, { declaration, machine, consumers, alarms });
    }
    const sweeper = new Sweeper(this, 'Sweeper', { ...context, consumers });
    alarms.onAnyMessage(
      this,
      'UnroutedEventsAlarm',
      state.bus.unroutedEvents,
      'An event was published that no declaration knows; nobody has handled it. Read it: a misspelt source or detail-type? Publish it again as it should be.',
    );
    alarms.onAnyMessage(
      this,
      'ScheduleDeadLettersAlarm',
      state.schedules.deadLetters,
      'A scheduled event, such as a deadline, could not be published when it was due. Read the reason, fix the cause, publish it by hand.',
    );

    const { dashboard } = new Dashboard(this, 'Dashboard', {
      title: `Baton, stage ${settings.stage}`,
      sagas: state.sagas,
      consumers: deployed,
      busName: state.shared.eventBus.eventBusName,
      unroutedEvents: state.bus.unroutedEvents,
      scheduleDeadLetters: state.schedules.deadLetters,
      sweeper: sweeper.function,
    });

    const output = (name: string, value: string) => new CfnOutput(this, name, { value });
    for (const consumer of deployed) {
      const name = outputName(consumer.declaration.id);
      output(`${name}QueueUrl`, consumer.queue.queueUrl);
      output(`${name}DeadLettersUrl`, consumer.deadLetters.queueUrl);
      if (consumer.undelivered !== consumer.deadLetters) output(`${name}UndeliveredUrl`, consumer.undelivered.queueUrl);
      output(`${name}FunctionName`, consumer.function.functionName);
    }
    output('SweeperFunctionName', sweeper.function.functionName);
    output('DashboardName', dashboard.dashboardName);
    output('AlarmTopicArn', alarms.topic.topicArn);
  }
}
