/**
 * The resource policy of a function: statements, kept and given back. Access is not checked here.
 * Source: API_AddPermission.html, API_GetPolicy.html, API_RemovePermission.html
 */
import type { Json } from '../service';
import { conflict, invalid, notFound, staleRevision } from './configuration';
import type { Target } from './registry';

export interface Policy {
  statements: Json[];
  revisionId: string;
}

export function addPermission({ owner, qualifier = '', arn }: Target, input: Json, newId: () => string): Json {
  for (const member of ['StatementId', 'Action', 'Principal'] as const) {
    if (typeof input[member] !== 'string') throw invalid(`${member} is missing; AddPermission needs it.`);
  }
  const policy: Policy = owner.policies.get(qualifier) ?? { statements: [], revisionId: newId() };
  checkRevision(input, policy);
  if (policy.statements.some(({ Sid }) => Sid === input.StatementId)) {
    throw conflict(
      `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the ` +
        'existing statement.',
    );
  }
  const statement = {
    Sid: input.StatementId,
    Effect: 'Allow',
    Principal: principalOf(input.Principal),
    Action: input.Action,
    Resource: arn,
    ...conditionOf(input),
  };
  owner.policies.set(qualifier, { statements: [...policy.statements, statement], revisionId: newId() });
  return { Statement: JSON.stringify(statement) };
}

export function removePermission({ owner, qualifier = '' }: Target, input: Json, newId: () => string): Json {
  const policy = policyOf(owner.policies, qualifier);
  checkRevision(input, policy);
  const left = policy.statements.filter(({ Sid }) => Sid !== input.StatementId);
  if (left.length === policy.statements.length) {
    throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
  }
  if (left.length === 0) owner.policies.delete(qualifier);
  else owner.policies.set(qualifier, { statements: left, revisionId: newId() });
  return {};
}

export function getPolicy({ owner, qualifier = '' }: Target): Json {
  const { statements, revisionId } = policyOf(owner.policies, qualifier);
  const policy = { Version: '2012-10-17', Id: 'default', Statement: statements };
  return { Policy: JSON.stringify(policy), RevisionId: revisionId };
}

function policyOf(policies: Map<string, Policy>, qualifier: string): Policy {
  const policy = policies.get(qualifier);
  if (!policy) throw notFound('The resource you requested does not exist.');
  return policy;
}

function checkRevision({ RevisionId }: Json, { revisionId }: Policy): void {
  if (RevisionId !== undefined && RevisionId !== revisionId) throw staleRevision();
}

function principalOf(principal: string): Json {
  if (principal === '*') return principal;
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}

function conditionOf({ SourceArn, SourceAccount, PrincipalOrgID }: Json): Json {
  const equal = {
    ...(SourceAccount && { 'AWS:SourceAccount': SourceAccount }),
    ...(PrincipalOrgID && { 'aws:PrincipalOrgID': PrincipalOrgID }),
  };
  const condition = {
    ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
    ...(SourceArn && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
  return Object.keys(condition).length > 0 ? { Condition: condition } : {};
}
