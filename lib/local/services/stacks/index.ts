/** CloudFormation's reading half, over the plan that the runtime was built from. */
export { createStacksService } from './service';
