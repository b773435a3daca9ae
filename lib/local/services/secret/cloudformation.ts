/**
 * AWS::SecretsManager::Secret. Source: CloudFormation template reference, "AWS Secrets Manager".
 *
 * A generated value is drawn from the plan's own chance: dynamic references to it and GetSecretValue say the same.
 */
import { createHash } from 'node:crypto';
import type { ResourceTypes, StoredContext } from '../resource-type';
import { generated } from './password';

export const resourceTypes: ResourceTypes = {
  'AWS::SecretsManager::Secret': {
    modelled: ['Description', 'GenerateSecretString', 'KmsKeyId', 'Name', 'SecretString', 'Tags'],
    ignored: { Type: 'nothing rotates a secret here' },
    phase: 0,
    identify: ({ property, uniqueName, account, region, stackName, logicalId }) => {
      const name = property('Name') ?? uniqueName({ maxLength: 512 });
      const end = createHash('sha256').update(`${stackName}/${logicalId}`).digest('base64url').replace(/\W|_/g, '');
      const arn = `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${end.slice(0, 6)}`;
      return { ref: arn, attributes: { Id: arn } };
    },
    stored,
    create: ({ props, identity, stored: SecretString }) => {
      const { KmsKeyId, Description, Tags = [] } = props;
      const Name = identity.ref.replace(/^arn:.*:secret:(.*)-\w{6}$/, '$1');
      const input = { $arn: identity.ref, Name, Description, KmsKeyId, Tags, SecretString };
      return [{ service: 'secretsmanager', operation: '$PutSecret', input }];
    },
  },
};

function stored({ props, random }: StoredContext): string | undefined {
  const { SecretString, GenerateSecretString } = props;
  if (SecretString !== undefined && GenerateSecretString !== undefined)
    throw new Error('SecretString and GenerateSecretString exclude each other; one of them is enough');
  if (GenerateSecretString === undefined) return SecretString;
  return generated(random, GenerateSecretString);
}
