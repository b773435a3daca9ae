/** AddPermission and RemovePermission: the older way to write a queue's policy. Kept and given back, not enforced. */
import type { Json } from '../service';
import { invalidValue, missing } from './errors';

export function addPermission(policy: string | undefined, queueArn: string, input: Json): string {
  for (const name of ['Label', 'AWSAccountIds', 'Actions']) if (!input[name]?.length) throw missing(name);
  const document = policy
    ? JSON.parse(policy)
    : { Version: '2008-10-17', Id: `${queueArn}/SQSDefaultPolicy`, Statement: [] };
  if (document.Statement.some(({ Sid }: Json) => Sid === input.Label)) {
    throw invalidValue('Label', input.Label, 'Already exists.');
  }
  document.Statement.push({
    Sid: input.Label,
    Effect: 'Allow',
    Principal: { AWS: oneOrMany(input.AWSAccountIds.map((id: string) => `arn:aws:iam::${id}:root`)) },
    Action: oneOrMany(input.Actions.map((action: string) => `SQS:${action}`)),
    Resource: queueArn,
  });
  return JSON.stringify(document);
}

/** The policy without the statement; empty when none is left. */
export function removePermission(policy: string | undefined, input: Json): string {
  if (!input.Label) throw missing('Label');
  const document = policy ? JSON.parse(policy) : { Statement: [] };
  const rest = document.Statement.filter(({ Sid }: Json) => Sid !== input.Label);
  if (rest.length === document.Statement.length) throw invalidValue('Label', input.Label, "can't find label.");
  return rest.length > 0 ? JSON.stringify({ ...document, Statement: rest }) : '';
}

const oneOrMany = (values: string[]): string | string[] => (values.length === 1 ? values[0]! : values);
