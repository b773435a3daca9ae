/** Creates what a plan holds: phase by phase, every request answered at once, the first refusal names its resource. */
import type { Plan } from './assembly';
import type { World } from './world';

export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

export function provision(world: World, plan: Plan): void {
  for (const phase of [0, 1, 2]) {
    for (const resource of plan.resources) {
      if (resource.phase !== phase) continue;
      for (const { service, operation, input } of resource.requests) {
        const reply = world.requestNow(service, operation, input);
        if (reply.error) {
          throw new ProvisionError(
            `${resource.stackName}: ${resource.constructPath} (${resource.type}) could not be created: ` +
              `${service} ${operation} answered ${reply.error.name}: ${reply.error.message}`,
          );
        }
      }
    }
  }
}
