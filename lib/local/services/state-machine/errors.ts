/** Step Functions' errors. Source: Step Functions API reference. */
import { Refusal } from '../refusal';

const refusal =
  (name: string) =>
  (message: string): Refusal =>
    new Refusal({ name, message });

export const validation = refusal('ValidationException');
export const invalidArn = (arn: unknown): Refusal => refusal('InvalidArn')(`Invalid Arn: '${arn}'`);
export const invalidName = (name: unknown): Refusal => refusal('InvalidName')(`Invalid Name: '${name}'`);
export const invalidDefinition = refusal('InvalidDefinition');
export const invalidInput = refusal('InvalidExecutionInput');
export const invalidOutput = refusal('InvalidOutput');
export const invalidToken = refusal('InvalidToken');
export const tokenGone = (): Refusal =>
  refusal('TaskTimedOut')('Task Timed Out: The task token is of a task that has ended, or that never was.');
export const noMachine = (arn: string): Refusal =>
  refusal('StateMachineDoesNotExist')(`State Machine Does Not Exist: '${arn}'`);
export const machineExists = (arn: string): Refusal =>
  refusal('StateMachineAlreadyExists')(`State Machine Already Exists: '${arn}'`);
export const noExecution = (arn: string): Refusal =>
  refusal('ExecutionDoesNotExist')(`Execution Does Not Exist: '${arn}'`);
export const executionExists = (arn: string): Refusal =>
  refusal('ExecutionAlreadyExists')(`Execution Already Exists: '${arn}'`);
export const wrongType = refusal('StateMachineTypeNotSupported');
export const notFound = (arn: string): Refusal => refusal('ResourceNotFound')(`Resource not found: '${arn}'`);
export const invalidLogging = (why: string): Refusal =>
  refusal('InvalidLoggingConfiguration')(`Invalid Logging Configuration: ${why}`);
export const tooManyTags = (most: number): Refusal =>
  refusal('TooManyTags')(`Too many tags: a state machine has at most ${most}.`);
export const conflict = refusal('ConflictException');
export const missingParameter = refusal('MissingRequiredParameter');
export const quotaExceeded = refusal('ServiceQuotaExceededException');
export const notRedrivable = refusal('ExecutionNotRedrivable');
export const missing = (member: string): Refusal =>
  validation(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
