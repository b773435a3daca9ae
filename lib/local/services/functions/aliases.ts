/**
 * Aliases of a function: a name for a version, or for two with a weight.
 * Source: API_CreateAlias.html, API_UpdateAlias.html; docs configuration-aliases.html (at most two versions, no $LATEST)
 */
import type { Json } from '../service';
import { conflict, invalid, notFound, staleRevision } from './configuration';
import type { Alias, LambdaFunction } from './function';

export function createAlias(owner: LambdaFunction, input: Json, newId: () => string): Json {
  const { Name: name } = input;
  if (typeof name !== 'string' || !/^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/.test(name)) {
    throw invalid(`Name is '${name}'; allowed: 1 to 128 letters, digits, '-' and '_', not digits alone.`);
  }
  if (owner.aliases.has(name)) throw conflict(`Alias already exists: ${owner.arn}:${name}`);
  owner.aliases.set(name, aliasFrom(owner, input, newId()));
  return shownAlias(owner, name);
}

export function updateAlias(owner: LambdaFunction, input: Json, newId: () => string): Json {
  const was = find(owner, input.Name);
  if (input.RevisionId !== undefined && input.RevisionId !== was.revisionId) throw staleRevision();
  const unchanged = {
    FunctionVersion: was.version,
    Description: was.description,
    RoutingConfig: routingOf(was),
  };
  owner.aliases.set(input.Name, aliasFrom(owner, { ...unchanged, ...input }, newId()));
  return shownAlias(owner, input.Name);
}

/** Says nothing where there is none, as AWS does. */
export function deleteAlias(owner: LambdaFunction, input: Json): Json {
  owner.aliases.delete(input.Name);
  return {};
}

export function shownAlias(owner: LambdaFunction, name: string): Json {
  const alias = find(owner, name);
  return {
    AliasArn: `${owner.arn}:${name}`,
    Name: name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(alias.second && { RoutingConfig: routingOf(alias) }),
    RevisionId: alias.revisionId,
  };
}

function find(owner: LambdaFunction, name: string): Alias {
  const alias = owner.aliases.get(name);
  if (!alias) throw notFound(`Cannot find alias arn: ${owner.arn}:${name}`);
  return alias;
}

const routingOf = ({ second }: Alias): Json => ({
  AdditionalVersionWeights: second ? { [second.version]: second.weight } : {},
});

function aliasFrom(owner: LambdaFunction, input: Json, revisionId: string): Alias {
  const version = String(input.FunctionVersion);
  if (!owner.versions.has(version)) throw notFound(`Function not found: ${owner.arn}:${version}`);
  const alias: Alias = { version, description: input.Description ?? '', revisionId };
  const [first, ...more] = Object.entries(input.RoutingConfig?.AdditionalVersionWeights ?? {});
  if (!first) return alias;
  const [other, weight] = first;
  if (more.length > 0) throw invalid('Number of items in AdditionalVersionWeights cannot be greater than 1');
  if (version === '$LATEST' || other === '$LATEST') {
    throw invalid('$LATEST is not supported for an alias pointing to more than 1 version');
  }
  if (!owner.versions.has(other)) throw notFound(`Function not found: ${owner.arn}:${other}`);
  if (!(typeof weight === 'number' && weight >= 0 && weight <= 1)) {
    throw invalid(`The weight of version ${other} is ${weight}; allowed: from 0 to 1.`);
  }
  return { ...alias, second: { version: other, weight } };
}
