/** From 'index.handler' to the function: module code runs here, once for an environment. */
import type { EnvironmentSpec } from '../services/service';
import { findCode } from './bundle';
import type { Callback } from './handler-context';
import { parseHandler } from './lambda';
import { type Realm, taskRoot } from './realm';

export type Handler = (event: unknown, context: unknown, callback: Callback) => unknown;

/** Throws what module code throws, Runtime.ImportModuleError, or Runtime.HandlerNotFound. */
export function loadHandler(realm: Realm, { codeDir, handler }: EnvironmentSpec): Handler {
  const { file, names } = parseHandler(handler);
  const path = findCode(codeDir, file);
  if (!path) {
    throw Object.assign(new Error(`Cannot find module '${file}' in ${codeDir} (handler ${handler})`), {
      name: 'Runtime.ImportModuleError',
    });
  }
  let found: any = realm.load(`${taskRoot}${path.slice(codeDir.length).replaceAll('\\', '/')}`);
  for (const name of names) found = found?.[name];
  if (typeof found === 'function') return found;
  throw Object.assign(new Error(`${handler} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
}
