export { resourceTypes } from './cloudformation';
export { createSecretService } from './service';
