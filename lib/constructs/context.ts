/** What the functions of the workflow share: the resources with memory, as names and ARNs. */
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Settings } from '../config';
import { environment } from '../contracts/environment';
import type { Alarms } from './alarms';
import type { HandlerBundles } from './bundle';
import type { SharedArns } from './permissions';

export interface Shared {
  eventBus: IEventBus;
  arns: SharedArns;
  recordTableName: string;
  /** ARN of the records' index of unpaid ones. */
  unpaidIndexArn: string;
  gatewayTableName: string;
  labelsBucketName: string;
  /** By name of the row type. */
  rowTableNames: Readonly<Record<string, string>>;
  /** The variables of functions that schedule. */
  scheduleEnvironment: Readonly<Record<string, string>>;
}

export interface HandlerContext {
  settings: Settings;
  handlers: HandlerBundles;
  shared: Shared;
  alarms: Alarms;
}

/** The variables of every function. */
export const sharedEnvironment = ({ settings, shared }: HandlerContext): Record<string, string> => ({
  [environment.stage]: settings.stage,
  [environment.busName]: shared.eventBus.eventBusName,
  [environment.busArn]: shared.eventBus.eventBusArn,
  [environment.recordTable]: shared.recordTableName,
  [environment.dispatchDeadlineSeconds]: String(settings.dispatchDeadlineSeconds),
});
