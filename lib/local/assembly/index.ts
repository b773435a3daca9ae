/** Any CDK app's cloud assembly -> what the local services must create. */
export { AssemblyError, type Refusal, RefusedError } from './errors';
export { type Assembly, loadAssembly, type Stack, type Template, type TemplateResource } from './load';
export { type Plan, type PlanContext, type PlannedResource, planResources, type StackOutput } from './plan';
