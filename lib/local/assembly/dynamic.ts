/**
 * Dynamic references: {{resolve:ssm:name}}, {{resolve:ssm-secure:name}}, {{resolve:secretsmanager:id:SecretString:key}}.
 * Source: CloudFormation User Guide, "Get values stored in other services using dynamic references".
 *
 * Values come from the assembly's own AWS::SSM::Parameter and AWS::SecretsManager::Secret: no account is asked, so what
 * lies in one already has to be given (--parameter) or declared. Versions and stages are read and passed over: a template
 * makes one version. A function reads the same values at run time: the services are created with them.
 */
import type { Json } from '../services/service';
import { IntrinsicError } from './intrinsics';

/** The value of the entry by this name (ResourceType.stored); undefined when no stack declares one. */
export type FindEntry = (
  type: string,
  matches: (names: { ref?: string; name?: string }) => boolean,
) => { value: string | undefined } | undefined;

export function dynamicValue(service: string, key: string, find: FindEntry): string {
  switch (service) {
    case 'ssm':
    case 'ssm-secure': {
      const name = key.replace(/:\d+$/, '');
      const found = find('AWS::SSM::Parameter', (one) => one.name === name || one.ref === name);
      if (!found) throw unknown(service, key, `no stack of this assembly declares the parameter '${name}'`);
      return String(found.value);
    }
    case 'secretsmanager':
      return secretValue(key, find);
    default:
      throw new IntrinsicError(
        `{{resolve:${service}:...}}: the service '${service}' is not known; known: ssm, ssm-secure, secretsmanager`,
      );
  }
}

function secretValue(key: string, find: FindEntry): string {
  // An ARN has colons of its own: seven parts.
  const [, id, rest = ''] = /^(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]*|[^:]*)(?::(.*))?$/.exec(key) ?? [];
  const [kind = 'SecretString', field = ''] = rest.split(':');
  if (kind !== '' && kind !== 'SecretString')
    throw new IntrinsicError(`{{resolve:secretsmanager:...:${kind}}}: the only kind is SecretString`);
  const found = find('AWS::SecretsManager::Secret', (one) => one.name === id || one.ref === id);
  if (!found) throw unknown('secretsmanager', id ?? key, `no stack of this assembly declares the secret '${id}'`);
  const { value } = found;
  if (value === undefined)
    throw new IntrinsicError(
      `the secret '${id}' has no value yet: nobody put one; give it a SecretString or a GenerateSecretString`,
    );
  if (field === '') return value;
  let fields: Json;
  try {
    fields = JSON.parse(value);
  } catch {
    throw new IntrinsicError(`the secret '${id}' is not JSON, and its key '${field}' is asked for`);
  }
  if (fields === null || typeof fields !== 'object' || !Object.hasOwn(fields, field))
    throw new IntrinsicError(`the secret '${id}' has no key '${field}'`);
  return String(fields[field]);
}

const unknown = (service: string, key: string, why: string): IntrinsicError =>
  new IntrinsicError(
    `{{resolve:${service}:${key}}}: ${why}; declare it, or pass the value by a template parameter and --parameter`,
  );
