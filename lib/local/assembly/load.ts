/**
 * Reads the cloud assembly that CDK writes (cdk.out): files only, no CDK library, any CDK app's.
 *
 * Modelled: stack artifacts, asset manifests, stages (nested assemblies), construct paths.
 * Not modelled: Docker image assets (a function that needs one is refused by its property), context look-ups.
 *
 * 1. Stacks come in dependency order; among equals in the manifest's order.
 * 2. Every file that the manifest names is there and is JSON; every staged asset is there. Else AssemblyError.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { AssemblyError } from './errors';

export interface Template {
  Description?: string;
  Parameters?: Record<string, any>;
  Mappings?: Record<string, any>;
  Conditions?: Record<string, any>;
  Rules?: Record<string, any>;
  Transform?: unknown;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, any>;
}

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, any>;
  Condition?: string;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  Metadata?: Record<string, any>;
}

export interface Stack {
  /** CloudFormation's name. */
  name: string;
  artifactId: string;
  templateFile: string;
  template: Template;
  /** Artifact ids of the stacks that come first. */
  dependencies: string[];
  constructPath(logicalId: string): string;
}

export interface Assembly {
  dir: string;
  /** In dependency order. */
  stacks: Stack[];
  /** The staged folder or file of an S3 asset key ('<hash>.zip'), undefined when no asset has that key. */
  assetDir(s3Key: string): string | undefined;
}

const synthesizeAgain = 'Synthesize again (npx cdk synth), or pass the folder that holds manifest.json';

/** Throws AssemblyError. */
export function loadAssembly(dir: string): Assembly {
  const root = resolve(dir);
  const assets = new Map<string, string>();
  const stacks: Stack[] = [];
  readFolder(root, stacks, assets);
  if (stacks.length === 0) {
    throw new AssemblyError(
      join(root, 'manifest.json'),
      'it lists no stack',
      'Add a stack to the app and synthesize again',
    );
  }
  return { dir: root, stacks: inDependencyOrder(stacks, root), assetDir: (s3Key) => assets.get(s3Key) };
}

function readFolder(folder: string, stacks: Stack[], assets: Map<string, string>): void {
  const manifestFile = join(folder, 'manifest.json');
  const manifest = readJson(manifestFile);
  if (!isObject(manifest.artifacts)) {
    throw new AssemblyError(manifestFile, "it has no 'artifacts'", synthesizeAgain);
  }
  for (const [artifactId, artifact] of Object.entries<any>(manifest.artifacts)) {
    const properties = artifact?.properties ?? {};
    switch (artifact?.type) {
      case 'cdk:cloud-assembly':
        readFolder(inside(folder, properties.directoryName, manifestFile), stacks, assets);
        break;
      case 'cdk:asset-manifest':
        readAssets(folder, inside(folder, properties.file, manifestFile), assets);
        break;
      case 'aws:cloudformation:stack':
        stacks.push(readStack(folder, artifactId, artifact, manifestFile));
        break;
    }
  }
}

function readStack(folder: string, artifactId: string, artifact: any, manifestFile: string): Stack {
  const templateFile = inside(folder, artifact.properties?.templateFile, manifestFile);
  const template = readJson(templateFile);
  if (!isObject(template.Resources)) {
    throw new AssemblyError(templateFile, "it has no 'Resources'", synthesizeAgain);
  }
  for (const [logicalId, resource] of Object.entries<any>(template.Resources)) {
    if (typeof resource?.Type !== 'string') {
      throw new AssemblyError(templateFile, `resource '${logicalId}' has no 'Type'`, synthesizeAgain);
    }
  }
  const paths = constructPaths(folder, artifact, manifestFile);
  return {
    name: artifact.properties.stackName ?? artifactId,
    artifactId,
    templateFile,
    template: template as Template,
    dependencies: Array.isArray(artifact.dependencies) ? artifact.dependencies : [],
    constructPath: (logicalId) => {
      const path = template.Resources[logicalId]?.Metadata?.['aws:cdk:path'] ?? paths.get(logicalId) ?? logicalId;
      // CDK's own child names, which nobody wrote.
      return String(path).replace(/\/(Resource|Default)$/, '');
    },
  };
}

/** Logical id -> path, from the metadata that CDK keeps beside the template (or, before schema 50, in the manifest). */
function constructPaths(folder: string, artifact: any, manifestFile: string): Map<string, string> {
  const metadata =
    typeof artifact.additionalMetadataFile === 'string'
      ? readJson(inside(folder, artifact.additionalMetadataFile, manifestFile))
      : (artifact.metadata ?? {});
  const paths = new Map<string, string>();
  for (const [path, entries] of Object.entries<any>(metadata)) {
    for (const entry of Array.isArray(entries) ? entries : []) {
      if (entry?.type === 'aws:cdk:logicalId') paths.set(String(entry.data), path.replace(/^\//, ''));
    }
  }
  return paths;
}

function readAssets(folder: string, file: string, assets: Map<string, string>): void {
  for (const [id, asset] of Object.entries<any>(readJson(file).files ?? {})) {
    const path = asset?.source?.path;
    // An asset made by a command at publishing time has no staged file.
    if (typeof path !== 'string') continue;
    const staged = isAbsolute(path) ? path : join(folder, path);
    if (!existsSync(staged)) {
      throw new AssemblyError(
        staged,
        `the asset '${asset.displayName ?? id}', named by ${file}, is not there`,
        'Synthesize again (npx cdk synth); an assembly must be kept whole',
      );
    }
    for (const destination of Object.values<any>(asset.destinations ?? {})) assets.set(destination.objectKey, staged);
  }
}

function inDependencyOrder(stacks: Stack[], root: string): Stack[] {
  const byArtifact = new Map(stacks.map((stack) => [stack.artifactId, stack]));
  const ordered: Stack[] = [];
  const visiting = new Set<Stack>();
  const visit = (stack: Stack): void => {
    if (ordered.includes(stack)) return;
    if (visiting.has(stack)) {
      const names = [...visiting].map(({ name }) => name).join(' -> ');
      throw new AssemblyError(
        join(root, 'manifest.json'),
        `stacks depend on each other: ${names} -> ${stack.name}`,
        synthesizeAgain,
      );
    }
    visiting.add(stack);
    for (const id of stack.dependencies) {
      const earlier = byArtifact.get(id);
      if (earlier) visit(earlier);
    }
    visiting.delete(stack);
    ordered.push(stack);
  };
  stacks.forEach(visit);
  return ordered;
}

/** A path that a manifest names, below the assembly. */
function inside(folder: string, path: unknown, manifestFile: string): string {
  if (typeof path !== 'string' || path === '') {
    throw new AssemblyError(manifestFile, 'an artifact does not name its file', synthesizeAgain);
  }
  return join(folder, path);
}

function readJson(file: string): any {
  if (!existsSync(file) || !statSync(file).isFile())
    throw new AssemblyError(file, 'there is no such file', synthesizeAgain);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AssemblyError(file, `it is not JSON (${(error as Error).message})`, synthesizeAgain);
  }
  if (!isObject(value)) throw new AssemblyError(file, 'it is not a JSON object', synthesizeAgain);
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
