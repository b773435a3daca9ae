export { resourceTypes } from './cloudformation';
export { createQueueService } from './service';
