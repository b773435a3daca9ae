export { resourceTypes } from './cloudformation';
export { createStateMachineService } from './service';
