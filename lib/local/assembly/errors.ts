/** What can be wrong with an assembly: it cannot be read (AssemblyError), or it asks for what is not modelled (RefusedError). */

/** A file of the cloud assembly is missing or is not what it should be. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
  constructor(
    readonly file: string,
    readonly what: string,
    readonly remedy: string,
  ) {
    super(`${file}: ${what}. ${remedy}`);
  }
}

/** One thing in a template that has no local counterpart. Never dropped silently. */
export interface Refusal {
  stack: string;
  /** e.g. 'Shop/Orders/Topic'; the logical id where the assembly does not say. */
  constructPath: string;
  logicalId: string;
  /** CloudFormation type, or the template section for what is not a resource ('Output', 'Transform'). */
  type: string;
  /** Dotted path below Properties, list indexes as numbers: 'Targets.0.EcsParameters'. */
  property?: string;
  why: string;
}

/** All refusals of an assembly at once, so that one run tells everything there is to fix. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(readonly refusals: Refusal[]) {
    super(describeRefusals(refusals));
  }
}

function describeRefusals(refusals: Refusal[]): string {
  const byPlace = new Map<string, Refusal[]>();
  for (const refusal of refusals) {
    const place = `${refusal.constructPath} (${refusal.type}, ${refusal.logicalId} in stack ${refusal.stack})`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), refusal]);
  }
  const lines = [`${refusals.length === 1 ? '1 thing' : `${refusals.length} things`} in this app cannot run here:`];
  for (const [place, some] of byPlace) {
    lines.push(`  ${place}`);
    for (const { property, why } of some) lines.push(`    ${property ? `${property}: ` : ''}${why}`);
  }
  lines.push('Take them out of the app, leave their stack out of the assembly, or start with --allow-unmodelled:');
  lines.push('then these resources are not created, and these properties have no effect.');
  return lines.join('\n');
}
