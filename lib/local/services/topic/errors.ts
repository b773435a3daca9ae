/**
 * SNS's errors: the SDK's names, and `queryCode` as they stand in an answer. Source: awsQueryError traits of the SNS API
 * model; texts as recorded from AWS where a test of the public localstack/localstack repository has a recording.
 */
import { Refusal } from '../refusal';

/** `what`: 'TopicArn', or 'TopicArn Reason: ...'. */
export const invalid = (what: string): Refusal =>
  new Refusal({
    name: 'InvalidParameterException',
    queryCode: 'InvalidParameter',
    message: `Invalid parameter: ${what}`,
  });

/** Of message attributes. */
export const invalidValue = (message: string): Refusal =>
  new Refusal({ name: 'InvalidParameterValueException', queryCode: 'ParameterValueInvalid', message });

export const notFound = (what: 'Topic' | 'Subscription'): Refusal =>
  new Refusal({ name: 'NotFoundException', queryCode: 'NotFound', message: `${what} does not exist`, status: 404 });

export const resourceNotFound = (): Refusal =>
  new Refusal({
    name: 'ResourceNotFoundException',
    queryCode: 'ResourceNotFound',
    message: 'Resource does not exist',
    status: 404,
  });

export const missing = (member: string): Refusal =>
  new Refusal({
    name: 'ValidationException',
    queryCode: 'ValidationError',
    message: `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  });

/** `name` without 'Exception', which is how the answer has it. */
export const batchError = (name: string, message: string): Refusal =>
  new Refusal({ name: `${name}Exception`, queryCode: name, message });

/** Throws unless it is an ARN with all its parts; what they say is not looked at. */
export function demandArn(parameter: string, arn: unknown): string {
  if (arn === undefined || arn === null) throw invalid(`${parameter} Reason: no value for required parameter`);
  const parts = String(arn).split(':');
  if (parts.length < 6) throw invalid(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  return String(arn);
}
