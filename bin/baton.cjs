#!/usr/bin/env node
'use strict';
/**
 * Runs bin/baton.ts without a build step to remember: the TypeScript is bundled by esbuild into build/cli when one of
 * its sources is newer than the bundle (about 0.1 s), else the bundle runs as it is. Packages stay in node_modules.
 */
const { existsSync, mkdirSync, readdirSync, renameSync, statSync } = require('node:fs');
const { join } = require('node:path');

// Functions run in UTC on AWS; here they share the process's zone.
process.env.TZ = 'UTC';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const root = join(__dirname, '..');
const bundle = join(root, 'build', 'cli', 'baton.cjs');
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`baton needs Node 20 or later; this is ${process.version}. The version to use stands in .nvmrc.`);
  process.exit(1);
}
if (
  !existsSync(bundle) ||
  newest([join(root, 'bin'), join(root, 'lib'), join(root, 'package.json')]) > statSync(bundle).mtimeMs
) {
  build();
}
if (!existsSync(join(root, 'node_modules'))) missingPackages();
require(bundle);

function missingPackages() {
  console.error("baton: the packages are not installed. Run 'npm ci' in the project first.");
  process.exit(1);
}

function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path);
    // A folder's own time tells of files added and removed.
    latest = Math.max(latest, stat.mtimeMs);
    if (stat.isDirectory()) latest = Math.max(latest, newest(readdirSync(path).map((name) => join(path, name))));
  }
  return latest;
}

function build() {
  let esbuild;
  try {
    esbuild = require('esbuild');
  } catch {
    missingPackages();
  }
  mkdirSync(join(root, 'build', 'cli'), { recursive: true });
  // Written beside and renamed, so that two processes starting at once never see half a bundle.
  const fresh = `${bundle}.${process.pid}`;
  const options = {
    absWorkingDir: root,
    entryPoints: ['bin/baton.ts'],
    outfile: fresh,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    sourcemap: 'external',
    logLevel: 'error',
  };
  try {
    esbuild.buildSync(options);
  } catch {
    // esbuild has printed each error with its place.
    console.error('baton: its own sources do not build; see above.');
    process.exit(1);
  }
  renameSync(`${fresh}.map`, `${bundle}.map`);
  renameSync(fresh, bundle);
}
