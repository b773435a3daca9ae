export { resourceTypes } from './cloudformation';
export { createScheduleService } from './service';
