/**
 * `node:fs` as a function sees it: its own code under /var/task (read only) and an empty /tmp in memory; nothing else
 * of this machine exists, AWS's configuration files least of all. Modelled: whole-file reads and writes, folders,
 * stat, streams. Refused by name: file descriptors, links, watching, and the rest.
 */
import * as real from 'node:fs';
import { join, posix } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Life } from '../life';

const taskRoot = '/var/task';

class Stats {
  readonly mode: number;
  readonly mtime: Date;
  constructor(
    private readonly folder: boolean,
    readonly size: number,
    readonly mtimeMs: number,
  ) {
    this.mode = folder ? 0o40755 : 0o100644;
    this.mtime = new Date(mtimeMs);
  }
  isFile = (): boolean => !this.folder;
  isDirectory = (): boolean => this.folder;
  isSymbolicLink = (): boolean => false;
  isFIFO = (): boolean => false;
  isSocket = (): boolean => false;
}

export function createFs(codeDir: string, life: Life): { fs: Record<string, any>; promises: Record<string, unknown> } {
  /** Everything under /tmp: a buffer is a file, null a folder. */
  const temporary = new Map<string, Buffer | null>([['/tmp', null]]);
  let made = 0;

  const nameOf = (path: unknown): string => {
    const text = path instanceof URL || (path as URL)?.href ? decodeURIComponent((path as URL).pathname) : String(path);
    return posix.resolve(taskRoot, text).replace(/(.)\/$/, '$1');
  };
  const inTask = (name: string): string | undefined => {
    if (name === taskRoot) return codeDir;
    return name.startsWith(`${taskRoot}/`) ? join(codeDir, name.slice(taskRoot.length + 1)) : undefined;
  };
  const failure = (code: string, text: string, call: string, name: string): Error =>
    Object.assign(new Error(`${code}: ${text}, ${call} '${name}'`), { code, syscall: call, path: name, errno: -2 });
  const missing = (call: string, name: string): Error => failure('ENOENT', 'no such file or directory', call, name);
  const look = (name: string): Stats | undefined => {
    const path = inTask(name);
    if (path) {
      if (!real.existsSync(path)) return undefined;
      const stat = real.statSync(path);
      return new Stats(stat.isDirectory(), stat.size, 0);
    }
    const content = temporary.get(name);
    return content === undefined ? undefined : new Stats(content === null, content?.length ?? 0, life.now());
  };
  const writable = (call: string, path: unknown): string => {
    const name = nameOf(path);
    if (!name.startsWith('/tmp/')) throw failure('EROFS', 'read-only file system', call, name);
    if (temporary.get(posix.dirname(name)) !== null) throw missing(call, name);
    return name;
  };
  const bytes = (data: any, encoding?: BufferEncoding): Buffer =>
    typeof data === 'string' ? Buffer.from(data, encoding) : Buffer.from(data);
  const encodingOf = (options: any): BufferEncoding | undefined =>
    typeof options === 'string' ? (options as BufferEncoding) : (options?.encoding ?? undefined);

  const sync: Record<string, (...args: any[]) => any> = {
    existsSync: (path) => look(nameOf(path)) !== undefined,
    accessSync(path) {
      if (!look(nameOf(path))) throw missing('access', nameOf(path));
    },
    statSync(path, options) {
      const found = look(nameOf(path));
      if (!found && options?.throwIfNoEntry === false) return undefined;
      if (!found) throw missing('stat', nameOf(path));
      return found;
    },
    realpathSync(path) {
      if (!look(nameOf(path))) throw missing('realpath', nameOf(path));
      return nameOf(path);
    },
    readFileSync(path, options) {
      const name = nameOf(path);
      const stat = look(name);
      if (!stat) throw missing('open', name);
      if (stat.isDirectory()) throw failure('EISDIR', 'illegal operation on a directory', 'read', name);
      const content = inTask(name) ? real.readFileSync(inTask(name)!) : Buffer.from(temporary.get(name)!);
      const encoding = encodingOf(options);
      return encoding ? content.toString(encoding) : content;
    },
    readdirSync(path, options) {
      const name = nameOf(path);
      const stat = look(name);
      if (!stat) throw missing('scandir', name);
      const folder = inTask(name);
      const names = folder
        ? real.readdirSync(folder).sort()
        : [...temporary.keys()].filter((k) => k !== name && posix.dirname(k) === name).map((k) => posix.basename(k));
      if (!options?.withFileTypes) return names;
      return names.map((entry) => Object.assign(look(posix.join(name, entry))!, { name: entry, path: name }));
    },
    writeFileSync(path, data, options) {
      temporary.set(writable('open', path), bytes(data, encodingOf(options)));
    },
    appendFileSync(path, data, options) {
      const name = writable('open', path);
      temporary.set(name, Buffer.concat([temporary.get(name) ?? Buffer.alloc(0), bytes(data, encodingOf(options))]));
    },
    copyFileSync(from, to) {
      temporary.set(writable('copyfile', to), sync.readFileSync!(from));
    },
    mkdirSync(path, options) {
      const name = nameOf(path);
      if (options?.recursive) {
        const parent = posix.dirname(name);
        if (!look(parent)) sync.mkdirSync!(parent, options);
        if (look(name)?.isDirectory()) return undefined;
      }
      if (look(name)) throw failure('EEXIST', 'file already exists', 'mkdir', name);
      temporary.set(writable('mkdir', name), null);
      return options?.recursive ? name : undefined;
    },
    mkdtempSync(start) {
      const name = `${start}${String(++made).padStart(6, '0')}`;
      sync.mkdirSync!(name);
      return name;
    },
    unlinkSync(path) {
      const name = writable('unlink', path);
      if (!temporary.delete(name)) throw missing('unlink', name);
    },
    rmSync(path, options) {
      const name = writable('rm', path);
      if (!temporary.has(name) && !options?.force) throw missing('rm', name);
      for (const key of [...temporary.keys()]) if (key === name || key.startsWith(`${name}/`)) temporary.delete(key);
    },
    renameSync(from, to) {
      const [old, name] = [writable('rename', from), writable('rename', to)];
      if (!temporary.has(old)) throw missing('rename', old);
      temporary.set(name, temporary.get(old)!);
      temporary.delete(old);
    },
  };
  sync.lstatSync = sync.statSync!;
  sync.rmdirSync = sync.rmSync!;

  const promises: Record<string, unknown> = { constants: real.constants };
  const fs: Record<string, any> = { ...sync, constants: real.constants, Stats, promises };
  for (const [name, work] of Object.entries(sync)) {
    const plain = name.slice(0, -'Sync'.length);
    promises[plain] = async (...args: unknown[]) => work(...args);
    fs[plain] = (...args: unknown[]) => {
      const callback = args.at(-1) as (error: unknown, result?: unknown) => void;
      process.nextTick(() =>
        life.guard(() => {
          let result: unknown;
          try {
            result = work(...args.slice(0, -1));
          } catch (error) {
            callback(error);
            return;
          }
          if (plain === 'exists') callback(result);
          else callback(null, result);
        }),
      );
    };
  }
  fs.realpathSync.native = sync.realpathSync;
  fs.createReadStream = (path: unknown, options?: any) =>
    Readable.from(
      (function* () {
        const content: Buffer = sync.readFileSync!(path);
        yield content.subarray(options?.start ?? 0, options?.end === undefined ? undefined : options.end + 1);
      })(),
      { objectMode: false },
    );
  fs.createWriteStream = (path: unknown) => {
    const name = writable('open', path);
    temporary.set(name, Buffer.alloc(0));
    return new Writable({
      write(chunk, encoding, done) {
        sync.appendFileSync!(name, chunk, encoding);
        done();
      },
    });
  };
  for (const name of Object.keys(real)) {
    if (!(name in fs) && typeof (real as any)[name] === 'function') {
      fs[name] = () => {
        throw new Error(`node:fs ${name} is not modelled in the sandbox; modelled: ${Object.keys(sync).join(', ')}.`);
      };
    }
  }
  fs.default = fs;
  promises.default = promises;
  return { fs, promises };
}
