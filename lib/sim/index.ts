/** The simulator: any synthesized app, in virtual time, under seeded faults. See docs/simulate.md. */
export { type Explained, explain } from './explain';
export { type Fault, faults, faultsNamed, UnknownFaultError } from './faults';
export { generalProperties, onlyValid } from './properties';
export { demandRunnable } from './rollout';
export { digestOf, runSeed, type SeedOptions, type SeedResult, type Violation } from './seed';
export { shrink } from './shrink';
export { demand, type Report, type SimulateOptions, SimulationError, simulate } from './simulate';
export type { Strike } from './strike';
export {
  AppView,
  type DeadLetter,
  FinalView,
  type OutsideEvent,
  type Property,
  type Sent,
  SimApp,
  type Workload,
} from './workload';
