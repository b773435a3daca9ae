/** AddPermission and RemovePermission: the older way to write a topic's policy. Kept and given back, not enforced. */
import type { Json } from '../service';
import { invalid, missing } from './errors';

const actions = [
  ...['Publish', 'Subscribe', 'Receive', 'GetTopicAttributes', 'SetTopicAttributes', 'AddPermission'],
  ...['RemovePermission', 'DeleteTopic', 'ListSubscriptionsByTopic', '*'],
];

/** `policy`: the topic's own, as JSON text. */
export function addPermission(policy: string, topicArn: string, input: Json): string {
  for (const name of ['Label', 'AWSAccountId', 'ActionName'])
    if (!input[name]?.length) throw missing(`${name[0]!.toLowerCase()}${name.slice(1)}`);
  const document = JSON.parse(policy);
  if (document.Statement.some(({ Sid }: Json) => Sid === input.Label)) throw invalid('Statement already exists');
  if (input.ActionName.some((name: string) => !actions.includes(name)))
    throw invalid('Policy statement action out of service scope!');
  document.Statement.push({
    Sid: input.Label,
    Effect: 'Allow',
    Principal: { AWS: oneOrMany(input.AWSAccountId.map((id: string) => `arn:aws:iam::${id}:root`)) },
    Action: oneOrMany(input.ActionName.map((name: string) => `SNS:${name}`)),
    Resource: topicArn,
  });
  return JSON.stringify(document);
}

export function removePermission(policy: string, { Label }: Json): string {
  if (!Label) throw missing('label');
  const document = JSON.parse(policy);
  return JSON.stringify({ ...document, Statement: document.Statement.filter(({ Sid }: Json) => Sid !== Label) });
}

const oneOrMany = (values: string[]): string | string[] => (values.length === 1 ? values[0]! : values);
