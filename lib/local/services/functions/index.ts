export { resourceTypes } from './resource-types';
export { createFunctionService, type FunctionServiceOptions } from './service';
