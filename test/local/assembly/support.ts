import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

/** A folder with these files; objects are written as JSON. */
export function folder(files: Record<string, unknown>): string {
  const dir = mkdtempSync(join(tmpdir(), 'assembly-'));
  made.push(dir);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

/** An assembly of stacks, each with the stacks it depends on. */
export function assembly(stacks: Record<string, { template: unknown; after?: string[] }>): string {
  const files: Record<string, unknown> = {};
  const artifacts: Record<string, unknown> = {};
  for (const [name, { template, after = [] }] of Object.entries(stacks)) {
    files[`${name}.template.json`] = template;
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: after,
    };
  }
  return folder({ ...files, 'manifest.json': { version: '55.0.0', artifacts } });
}

export function removeFolders(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
}
