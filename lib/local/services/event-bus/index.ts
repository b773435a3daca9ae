export { resourceTypes } from './resource-types';
export { createEventBusService } from './service';
