export { resourceTypes } from './cloudformation';
export { createParameterService } from './service';
