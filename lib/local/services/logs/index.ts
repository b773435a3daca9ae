export { resourceTypes } from './resource-types';
export { createLogsService } from './service';
