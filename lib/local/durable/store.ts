/**
 * What is kept, in a LevelDB. Each commit is one synced batch: whole or not at all.
 *
 *   meta                          what a run begins with (JSON)
 *   head                          the number of the last commit, and where each service's journal begins and ends (JSON)
 *   j/<service>/<n>               chunk n of a service's journal: its acts of one commit
 *   s/<service>/<n>/<part>        a snapshot: the state before chunk n
 *   x/<name>                      other values, written with a commit (JSON)
 *
 * 1. Every chunk and part carries a checksum; chunks are counted without gaps. What does not fit is damage, and refused.
 * 2. A store is read in a copy first, because LevelDB itself drops what it cannot read at the end of its log. So a
 *    damaged store stays byte for byte as it was found. Tables never change, so that they are linked and not copied.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { crc32 } from '../wire/crc32';
import { DataFolderError } from './errors';
import { causeOf, type DataFolder } from './folder';

export interface Extent {
  /** The first chunk that the snapshot does not cover. */
  from: number;
  /** One after the last chunk. */
  to: number;
  /** Parts of the snapshot; 0: there is none. */
  parts: number;
}

export interface Head {
  commit: number;
  services: Record<string, Extent>;
}

export interface Stored {
  meta: any;
  head: Head;
  services: Map<string, { snapshot?: Buffer; chunks: Buffer[] }>;
  /** By name. */
  values: Map<string, any>;
}

export type Put = { type: 'put'; key: string; value: Buffer };

type Level = ClassicLevel<string, Buffer>;

const digits = (n: number): string => String(n).padStart(12, '0');
export const chunkKey = (service: string, n: number): string => `j/${service}/${digits(n)}`;
export const partKey = (service: string, n: number, part: number): string =>
  `s/${service}/${digits(n)}/${digits(part)}`;

export function sealed(parts: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.alloc(4), ...parts]);
  body.writeUInt32LE(crc32(body.subarray(4)), 0);
  return body;
}
export const json = (value: unknown): Buffer => sealed([Buffer.from(JSON.stringify(value))]);

export class Store {
  private constructor(private readonly level: Level) {}

  /** `stored` is undefined where there is nothing yet. Throws DataFolderError. */
  static async open(folder: DataFolder): Promise<{ store: Store; stored: Stored | undefined }> {
    const { storeDir, checkDir } = folder;
    rmSync(checkDir, { recursive: true, force: true });
    const acknowledged = folder.acknowledged();
    let stored: Stored | undefined;
    // LevelDB writes CURRENT last when it makes a store.
    const begun = acknowledged > 0 || existsSync(join(storeDir, 'CURRENT'));
    if (!begun) rmSync(storeDir, { recursive: true, force: true });
    else if (existsSync(storeDir)) {
      copyStore(storeDir, checkDir);
      try {
        stored = await readAll(checkDir, acknowledged);
      } catch (error) {
        throw new DataFolderError(
          `The data in ${folder.dir} is damaged: ${causeOf(error).message}. Nothing was changed. Use a copy of the ` +
            'folder from before, or another folder.',
        );
      } finally {
        rmSync(checkDir, { recursive: true, force: true });
      }
      // Nobody was ever told of anything: the process ended while it began.
      if (!stored) rmSync(storeDir, { recursive: true, force: true });
    } else {
      throw new DataFolderError(
        `The data in ${folder.dir} is damaged: 'store' is missing, which held ${acknowledged} commits. Nothing was changed.`,
      );
    }
    const level: Level = new ClassicLevel(storeDir, { valueEncoding: 'buffer' });
    await level.open();
    return { store: new Store(level), stored };
  }

  /** Whole or not at all, and on the disk when it resolves. */
  async commit(puts: Put[]): Promise<void> {
    await this.level.batch(puts, { sync: true });
  }

  /** Parts of a snapshot; they count when a commit's head names them. */
  async write(puts: Put[]): Promise<void> {
    await this.level.batch(puts);
  }

  /** Forgets chunks and snapshots of a service that are older than chunk `from`, and gives their space back. */
  async forget(service: string, from: number): Promise<void> {
    for (const kind of ['j', 's']) {
      const range = { gte: `${kind}/${service}/`, lt: `${kind}/${service}/${digits(from)}` };
      await this.level.clear(range);
      await this.level.compactRange(range.gte, range.lt);
    }
  }

  async close(): Promise<void> {
    await this.level.close();
  }
}

function copyStore(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name === 'LOCK' || name.startsWith('LOG')) continue;
    const source = join(from, name);
    const copy = join(to, name);
    if (name.endsWith('.ldb')) {
      try {
        linkSync(source, copy);
        continue;
      } catch {
        // This file system has no links.
      }
    }
    copyFileSync(source, copy);
  }
}

async function readAll(dir: string, acknowledged: number): Promise<Stored | undefined> {
  const level: Level = new ClassicLevel(dir, { valueEncoding: 'buffer', createIfMissing: false });
  try {
    await level.open();
    const entries = new Map<string, Buffer>();
    for await (const [key, value] of level.iterator({ highWaterMarkBytes: 4 << 20 })) entries.set(key, value);
    const head = unsealed(entries, 'head');
    if (!head && acknowledged === 0) return undefined;
    const { commit, services }: Head = head ? JSON.parse(String(head)) : { commit: 0, services: {} };
    if (commit < acknowledged) {
      throw new Error(`it ends at commit ${commit}, and commit ${acknowledged} was acknowledged`);
    }
    const demand = (key: string): Buffer => {
      const value = unsealed(entries, key);
      if (!value) throw new Error(`'${key}' is missing`);
      return value;
    };
    const stored: Stored = {
      meta: JSON.parse(String(demand('meta'))),
      head: { commit, services },
      services: new Map(),
      values: new Map(),
    };
    for (const [service, { from, to, parts }] of Object.entries(services)) {
      const chunks: Buffer[] = [];
      for (let n = from; n < to; n++) chunks.push(demand(chunkKey(service, n)));
      const snapshot: Buffer[] = [];
      for (let part = 0; part < parts; part++) snapshot.push(demand(partKey(service, from, part)));
      stored.services.set(service, { chunks, ...(parts > 0 && { snapshot: Buffer.concat(snapshot) }) });
    }
    for (const key of entries.keys())
      if (key.startsWith('x/')) stored.values.set(key.slice(2), JSON.parse(String(demand(key))));
    return stored;
  } finally {
    await level.close();
  }
}

function unsealed(entries: Map<string, Buffer>, key: string): Buffer | undefined {
  const value = entries.get(key);
  if (!value) return undefined;
  if (value.length < 4 || crc32(value.subarray(4)) !== value.readUInt32LE(0)) {
    throw new Error(`'${key}' does not fit its checksum`);
  }
  return value.subarray(4);
}
