export { resourceTypes } from './cloudformation';
export { createTopicService } from './service';
