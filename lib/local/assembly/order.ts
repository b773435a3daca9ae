import type { TemplateResource } from './load';

interface Ordered {
  logicalId: string;
  resource: TemplateResource;
}

/**
 * The template's order, save that what a resource depends on comes before it. `refuse` hears of circles, and of names that
 * the template does not have; what a condition has taken away is no reason to wait.
 */
export function inDependsOnOrder<Entry extends Ordered>(
  entries: Map<string, Entry>,
  declared: (logicalId: string) => boolean,
  refuse: (entry: Entry, why: string) => void,
): Entry[] {
  const ordered = new Set<Entry>();
  const path: Entry[] = [];
  const visit = (entry: Entry): void => {
    if (ordered.has(entry)) return;
    const from = path.indexOf(entry);
    if (from >= 0) {
      const circle = [...path.slice(from), entry].map(({ logicalId }) => logicalId).join(' -> ');
      refuse(entry, `resources depend on each other: ${circle}`);
      return;
    }
    path.push(entry);
    for (const logicalId of [entry.resource.DependsOn ?? []].flat()) {
      const earlier = entries.get(logicalId);
      if (earlier) visit(earlier);
      else if (!declared(logicalId)) refuse(entry, `the stack has no resource '${logicalId}'`);
    }
    path.pop();
    ordered.add(entry);
  };
  for (const entry of entries.values()) visit(entry);
  return [...ordered];
}
