/**
 * SQS's errors. Over the JSON protocol they have the modelled names; `queryCode` is what the Query protocol, and the
 * AWS SDK's `error.Code`, call them. Source: awsQueryError traits of the SQS API model; names that the model does not
 * list (InvalidParameterValue, MissingParameter) as recorded from AWS.
 */
import { Refusal } from '../refusal';

const prefix = 'AWS.SimpleQueueService.';

export const invalidParameter = (message: string): Refusal =>
  new Refusal({ name: 'InvalidParameterValueException', queryCode: 'InvalidParameterValue', message });

export const invalidValue = (parameter: string, value: unknown, reason: string): Refusal =>
  invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missing = (parameter: string): Refusal =>
  new Refusal({
    name: 'MissingRequiredParameterException',
    queryCode: 'MissingParameter',
    message: `The request must contain the parameter ${parameter}.`,
  });

export const queueDoesNotExist = (): Refusal =>
  new Refusal({
    name: 'QueueDoesNotExist',
    queryCode: `${prefix}NonExistentQueue`,
    message: 'The specified queue does not exist.',
  });

export const queueNameExists = (attribute: string): Refusal =>
  new Refusal({
    name: 'QueueNameExists',
    queryCode: 'QueueAlreadyExists',
    message: `A queue already exists with the same name and a different value for attribute ${attribute}`,
  });

export const invalidAttributeName = (attribute: string): Refusal =>
  new Refusal({ name: 'InvalidAttributeName', message: `Unknown Attribute ${attribute}.` });

export const invalidAttributeValue = (attribute: string, reason?: string): Refusal =>
  new Refusal({
    name: 'InvalidAttributeValue',
    message: `Invalid value for the parameter ${attribute}.${reason ? ` Reason: ${reason}` : ''}`,
  });

export const invalidReceiptHandle = (handle: unknown): Refusal =>
  new Refusal({
    name: 'ReceiptHandleIsInvalid',
    message: `The input receipt handle "${String(handle)}" is not a valid receipt handle.`,
  });

/** Errors that SQS prefixes in the Query protocol. */
export const simpleQueueError = (name: string, message: string): Refusal =>
  new Refusal({ name, queryCode: `${prefix}${name}`, message });

export const overLimit = (message: string): Refusal => new Refusal({ name: 'OverLimit', message, status: 403 });

export const resourceNotFound = (message: string): Refusal =>
  new Refusal({ name: 'ResourceNotFoundException', message, status: 404 });
