/** Every local service, and every resource type that a template may hold. */
import type { Plan } from '../assembly';
import { resourceTypes as bucketTypes, createBucketService } from './bucket';
import { createCloudWatchService } from './cloudwatch';
import { createEventBusService, resourceTypes as eventBusTypes } from './event-bus';
import { createFunctionService, type FunctionServiceOptions, resourceTypes as functionTypes } from './functions';
import { createLogsService, resourceTypes as logTypes } from './logs';
import { resourceTypes as observerTypes } from './observers';
import { createParameterService, resourceTypes as parameterTypes } from './parameter';
import { createQueueService, resourceTypes as queueTypes } from './queue';
import type { ResourceTypes } from './resource-type';
import { createScheduleService, resourceTypes as scheduleTypes } from './schedule';
import { createSecretService, resourceTypes as secretTypes } from './secret';
import type { Service, ServiceOptions } from './service';
import { createStacksService } from './stacks';
import { createStateMachineService, resourceTypes as stateMachineTypes } from './state-machine';
import { createStsService } from './sts';
import { createTableService, resourceTypes as tableTypes } from './table';
import { createTopicService, resourceTypes as topicTypes } from './topic';

export const resourceTypes: ResourceTypes = {
  ...observerTypes,
  ...tableTypes,
  ...queueTypes,
  ...bucketTypes,
  ...scheduleTypes,
  ...eventBusTypes,
  ...logTypes,
  ...functionTypes,
  ...stateMachineTypes,
  ...topicTypes,
  ...parameterTypes,
  ...secretTypes,
};

export function createServices(
  options: ServiceOptions & Pick<FunctionServiceOptions, 'maxEnvironments' | 'pollSeconds'>,
  plan: Plan,
  nowMs: number,
): Service[] {
  const forked = (name: string): typeof options => ({
    ...options,
    random: options.random.fork(name),
  });
  return [
    createTableService(forked('dynamodb')),
    createQueueService(forked('sqs')),
    createBucketService(forked('s3')),
    createScheduleService(forked('scheduler')),
    createEventBusService(forked('events')),
    createLogsService(forked('logs')),
    createCloudWatchService(forked('cloudwatch')),
    createFunctionService(forked('lambda')),
    createStateMachineService(forked('states')),
    createTopicService(forked('sns')),
    createParameterService(forked('ssm')),
    createSecretService(forked('secretsmanager')),
    createStacksService(forked('cloudformation'), plan, nowMs),
    createStsService(forked('sts')),
  ];
}
