export { resourceTypes } from './cloudformation';
export { createBucketService } from './service';
