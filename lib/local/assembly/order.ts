import type { TemplateResource } from './load';

/** The template's order, save that what a resource depends on comes before it. A circle is broken where it closes. */
export function inDependsOnOrder<Entry extends { resource: TemplateResource }>(entries: Map<string, Entry>): Entry[] {
  const ordered = new Set<Entry>();
  const visited = new Set<Entry>();
  const visit = (entry: Entry): void => {
    if (visited.has(entry)) return;
    visited.add(entry);
    for (const logicalId of [entry.resource.DependsOn ?? []].flat()) {
      const earlier = entries.get(logicalId);
      if (earlier) visit(earlier);
    }
    ordered.add(entry);
  };
  for (const entry of entries.values()) visit(entry);
  return [...ordered];
}
