/**
 * What the names in one stack's template stand for: pseudo parameters, parameters, mappings, conditions.
 * Resources and other stacks are asked of whoever builds the scope.
 *
 * 1. Everything is evaluated when it is first used: a parameter that only a rule reads needs no value.
 * 2. A condition that depends on itself, or a parameter without a value, is an IntrinsicError.
 */
import { createHash } from 'node:crypto';
import type { Json } from '../services/service';
import { evaluateCondition, IntrinsicError, type Scope } from './intrinsics';
import type { Stack } from './load';

export interface ScopeSource {
  account: string;
  region: string;
  /** Given for this stack, by parameter name. */
  parameters: Record<string, string>;
  resource(logicalId: string): { ref: string } | undefined;
  getAtt(logicalId: string, attribute: string): Json;
  importValue(exportName: string): Json;
  stackOutput(stackName: string, outputName: string): Json;
  dynamic(service: string, key: string): string;
}

/** The id in it is derived from the name, so that it is equal in every run. */
export function stackArn(account: string, region: string, stackName: string): string {
  const digits = createHash('sha256').update(`stack ${stackName}`).digest('hex');
  const uuid = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ];
  return `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/${uuid.join('-')}`;
}

export function stackScope(stack: Stack, source: ScopeSource): Scope {
  const { template } = stack;
  const conditions = new Map<string, boolean | 'evaluating'>();
  const pseudo: Record<string, Json> = {
    'AWS::AccountId': source.account,
    'AWS::Region': source.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::StackId': stackArn(source.account, source.region, stack.name),
    'AWS::NotificationARNs': [],
    'AWS::NoValue': undefined,
  };
  const scope: Scope = {
    region: source.region,
    ref(name) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      if (template.Parameters && Object.hasOwn(template.Parameters, name)) {
        return parameterValue(name, template.Parameters[name], source);
      }
      const resource = source.resource(name);
      if (!resource) throw new IntrinsicError(`Ref: the stack has no parameter or resource '${name}'`);
      return resource.ref;
    },
    getAtt: source.getAtt,
    findInMap: (map, topKey, secondKey) => template.Mappings?.[map]?.[topKey]?.[secondKey],
    condition(name) {
      const known = conditions.get(name);
      if (known === 'evaluating') throw new IntrinsicError(`the condition '${name}' depends on itself`);
      if (known !== undefined) return known;
      if (!template.Conditions || !Object.hasOwn(template.Conditions, name)) {
        throw new IntrinsicError(`the stack has no condition '${name}'`);
      }
      conditions.set(name, 'evaluating');
      try {
        const value = evaluateCondition(template.Conditions[name], scope);
        conditions.set(name, value);
        return value;
      } catch (error) {
        conditions.delete(name);
        throw error;
      }
    },
    importValue: source.importValue,
    stackOutput: source.stackOutput,
    dynamic: source.dynamic,
  };
  return scope;
}

function parameterValue(name: string, declared: any, source: ScopeSource): Json {
  const type = String(declared.Type);
  const given = source.parameters[name];
  // The value of such a parameter is the name of an entry in SSM; what is given here is the entry's value.
  const fromStore = type.startsWith('AWS::SSM::Parameter::Value');
  if (fromStore && given === undefined && declared.Default === undefined)
    throw new IntrinsicError(`the parameter '${name}' names no entry of SSM; give its value with --parameter`);
  const value = given ?? (fromStore ? source.dynamic('ssm', String(declared.Default)) : declared.Default);
  if (value === undefined) {
    throw new IntrinsicError(
      `the parameter '${name}' has no default and no value was given; give one with --parameter ${name}=...`,
    );
  }
  const text = String(value);
  if (Array.isArray(declared.AllowedValues) && !declared.AllowedValues.map(String).includes(text)) {
    throw new IntrinsicError(`the parameter '${name}' is '${text}'; allowed: ${declared.AllowedValues.join(', ')}`);
  }
  if (type.startsWith('Number') && Number.isNaN(Number(text))) {
    throw new IntrinsicError(`the parameter '${name}' is '${text}'; it must be a number`);
  }
  const isList = type.includes('CommaDelimitedList') || type.includes('List<');
  return isList ? text.split(',').map((item) => item.trim()) : text;
}
