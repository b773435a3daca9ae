/**
 * What tells a person that a saga needs one. It ends well in both ways, done and undone; an execution that ends in any
 * other way has left things asked for that nobody undoes, and one that is parked waits for ever.
 */
import { Duration } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type Consumer, ContractError } from '../contracts/kit';
import { metrics } from '../contracts/metrics';
import type { Saga } from '../contracts/saga';
import type { Alarms } from './alarms';
import { countOf } from './counts';

export interface SagaAlarmsProps {
  declaration: Saga;
  machine: StateMachine;
  /** All consumers: those that hear of a parked step count it. */
  consumers: readonly Consumer[];
  alarms: Alarms;
}

export class SagaAlarms extends Construct {
  constructor(scope: Construct, id: string, props: SagaAlarmsProps) {
    super(scope, id);
    const { declaration, machine, consumers, alarms } = props;
    const { id: saga, park } = declaration;
    const tell =
      "Nothing of it is undone by itself. 'baton sagas list' names it, 'baton sagas show' says at which step.";
    const onAny = (name: string, metric: ReturnType<StateMachine['metricFailed']>, happened: string) =>
      alarms.above(this, name, 0, metric, `${saga}: ${happened} ${tell}`);
    const period = { period: Duration.minutes(1) };
    onAny(
      'FailedAlarm',
      machine.metricFailed(period),
      'an execution met what its definition does not expect (a right, a limit, a mistake in an expression). Mend the cause, then redrive the execution: it goes on where it failed.',
    );
    onAny(
      'TimedOutAlarm',
      machine.metricTimedOut(period),
      'an execution ran for as long as Step Functions lets one run. Redrive it, or cancel what it was for.',
    );
    onAny(
      'AbortedAlarm',
      machine.metricAborted(period),
      "somebody stopped an execution in the middle. Redrive it: it goes on where it was. To call one off, use 'baton sagas cancel'.",
    );
    const listener = consumers.find(({ on }) => on.includes(park.parked));
    if (!listener) {
      throw new ContractError(
        `saga ${saga}: nobody hears of ${park.parked.name}, so nobody could resume it. Declare a consumer on it that answers with ${park.resumed.name}`,
      );
    }
    alarms.above(
      this,
      'ParkedAlarm',
      0,
      countOf(listener.id, metrics.sagaParked),
      `${saga}: an undo or a last step failed too often and waits for a person. 'baton sagas list' names it, 'baton sagas ` +
        "show' says which step and why. Mend the cause, then 'baton sagas resume': it is asked again, or left out where " +
        'you have done it by hand.',
    );
  }
}
