/** Both stacks, synthesized in this process with an empty handler for every function: what constructs make of the declarations. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { createApp } from '../../lib/stacks/app';
import type { StackTemplate, TemplateResource } from './assembly';

export interface Synthesized {
  dir: string;
  state: StackTemplate;
  workflow: StackTemplate;
}

const temporary: string[] = [];
afterAll(() => {
  for (const root of temporary.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** The app before synthesis. */
export function appWithEmptyHandlers(context: Record<string, unknown> = {}): { app: App; dir: string } {
  const root = mkdtempSync(join(tmpdir(), 'baton-stacks-'));
  temporary.push(root);
  const folder = join(root, 'handler');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => {};\n');
  const dir = join(root, 'cdk.out');
  return { app: createApp({ folderOf: () => folder }, dir, context), dir };
}

export function synthesizeWithEmptyHandlers(context: Record<string, unknown> = {}): Synthesized {
  const { app, dir } = appWithEmptyHandlers(context);
  app.synth();
  const read = (stack: string): StackTemplate => JSON.parse(readFileSync(join(dir, `${stack}.template.json`), 'utf8'));
  return { dir, state: read('BatonState'), workflow: read('BatonWorkflow') };
}

/** The construct's path within its stack, such as 'Dispatch/reserve-capacity/Queue'. */
export const pathOf = (resource: TemplateResource): string =>
  String(resource.Metadata['aws:cdk:path'])
    .split('/')
    .slice(1)
    .join('/')
    .replace(/\/Resource$/, '');

/** The properties of the resource at `path`; throws when there is none. */
export function propertiesAt(template: StackTemplate, path: string): any {
  const found = Object.values(template.Resources).find((resource) => pathOf(resource) === path);
  if (!found) throw new Error(`no resource at ${path}`);
  return found.Properties;
}

/** Properties of every resource of a type, by path. */
export const ofType = (template: StackTemplate, type: string): Record<string, any> =>
  Object.fromEntries(
    Object.values(template.Resources)
      .filter((resource) => resource.Type === type)
      .map((resource) => [pathOf(resource), resource.Properties]),
  );

/** What a Ref, GetAtt or ImportValue leads to, as 'Dispatch/reserve-capacity/Queue' or, in the other stack, 'BatonState/Records'. */
export function targetOf(value: any, synthesized: Synthesized, template = synthesized.workflow): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) {
    const [glue, parts] = value['Fn::Join'];
    return parts.map((part: any) => targetOf(part, synthesized, template)).join(glue);
  }
  if (value['Fn::ImportValue']) {
    const output = Object.values(synthesized.state.Outputs).find(
      ({ Export }) => Export?.Name === value['Fn::ImportValue'],
    );
    return `BatonState/${targetOf(output!.Value, synthesized, synthesized.state)}`;
  }
  const id = value.Ref ?? value['Fn::GetAtt'][0];
  return template.Resources[id] ? pathOf(template.Resources[id]) : `<${id}>`;
}
