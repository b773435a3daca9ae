/**
 * A function's code as a zip archive: what may be in it, and its files. Pure: it is computed, nothing is written anywhere.
 *
 * 1. 50 MB zipped, 250 MB unzipped; the sizes that the archive itself gives are looked at before anything is unzipped.
 * 2. No file lies outside of the archive's folder: absolute names, '..', back slashes and drive letters are refused.
 * 3. What cannot be read whole is refused when it is uploaded, not when it first runs.
 * Not modelled: permissions of files (all may be run), links.
 * Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (deployment package); the texts of refusals are
 * those that users of Lambda report; the ones on names of files are ours.
 */
import { createHash } from 'node:crypto';
import { Refusal } from '../refusal';
import type { Archive } from '../service';
import { invalid } from './configuration';

export const mostZippedBytes = 52_428_800;
export const mostUnzippedBytes = 262_144_000;
/** A request of that size holds `mostZippedBytes` in base64. */
const mostRequestBytes = 70_167_211;

/** Checks an uploaded archive. Throws a Refusal. */
export function archiveOf(bytes: Uint8Array, operation: string): Archive {
  if (bytes.length > mostZippedBytes) {
    throw new Refusal({
      name: 'RequestEntityTooLargeException',
      message: `Request must be smaller than ${mostRequestBytes} bytes for the ${operation} operation`,
      status: 413,
    });
  }
  const files = Object.keys(filesOf(bytes));
  if (files.length === 0) throw invalid('Uploaded file must be a non-empty zip');
  return { bytes, sha256: createHash('sha256').update(bytes).digest('base64') };
}

/** Relative path, with forward slashes -> content. Throws a Refusal for what is no archive or not allowed in one. */
export function filesOf(bytes: Uint8Array): Record<string, Uint8Array> {
  // Loaded when the first archive comes: most runs have none.
  const { unzipSync } = require('fflate') as typeof import('fflate');
  let total = 0;
  const sizes = new Map<string, number>();
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (name.endsWith('/')) return false;
        checkName(name);
        total += originalSize;
        if (total > mostUnzippedBytes) {
          throw invalid(`Unzipped size must be smaller than ${mostUnzippedBytes} bytes`);
        }
        sizes.set(name, originalSize);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unreadable();
  }
  for (const [name, size] of sizes) if (files[name]?.length !== size) throw unreadable();
  return files;
}

function checkName(name: string): void {
  const steps = name.split('/');
  if (/^(\/|[A-Za-z]:)|[\\\0]/.test(name) || steps.includes('..') || name === '__proto__') {
    throw invalid(
      `Could not unzip uploaded file: it has an entry '${name}'; allowed: relative paths with forward slashes that ` +
        'stay in the folder of the function.',
    );
  }
}

const unreadable = (): Refusal =>
  invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');
