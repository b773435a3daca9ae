/** S3's errors, by its names and HTTP statuses. Source: S3 API reference, "Error responses". */
import { Refusal } from '../refusal';
import type { Json } from '../service';

export const s3Error = (name: string, status: number, message: string, members: Json = {}): Refusal =>
  new Refusal({ name, status, message, members });

export const noSuchBucket = (bucket: unknown): Refusal =>
  s3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket });

export const noSuchKey = (key: unknown): Refusal =>
  s3Error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key });

export const notFound = (): Refusal => s3Error('NotFound', 404, 'Not Found');

export const preconditionFailed = (condition: string): Refusal =>
  s3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });

export const invalidArgument = (message: string, name: string, value: unknown): Refusal =>
  s3Error('InvalidArgument', 400, message, { ArgumentName: name, ArgumentValue: value });
