/**
 * The data folder of `baton local --data DIR`: whose it is, who uses it, and how far it has been written.
 *
 *   baton.json     marks the folder as ours: format, version of Baton, port
 *   lock/          an empty LevelDB: its lock ends with its process, however that ends; Node offers no other such lock
 *   store/         the journal and the snapshots (store.ts)
 *   acknowledged   the number of the last commit that anybody was told of; so a journal that lost its end is found out
 *   check/         a copy while the store is being checked; not there otherwise
 *
 * 1. A folder that holds something else is refused and stays as it is. So does one that is damaged.
 * 2. Two processes never use one folder.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { crc32 } from '../wire/crc32';
import { DataFolderError } from './errors';

/** Raised when what is stored changes its form. */
const format = 1;

export interface Marker {
  baton: 'data';
  format: number;
  /** The version of Baton that wrote it: another one may decide differently on the same journal. */
  version: string;
  /** Addresses within the state name it. */
  port?: number;
}

export class DataFolder {
  private constructor(
    readonly dir: string,
    private readonly lock: ClassicLevel,
    private marker: Marker,
  ) {}

  /** Throws DataFolderError: it is not ours, in use, or of another version. */
  static async open(given: string, version: string): Promise<DataFolder> {
    const dir = resolve(given);
    mustBeOurs(dir);
    mkdirSync(dir, { recursive: true });
    const lock = await lockOf(dir);
    try {
      const marker = readMarker(dir) ?? { baton: 'data', format, version };
      if (marker.format !== format || marker.version !== version) {
        throw new DataFolderError(
          `${dir} was written by Baton ${marker.version} (format ${marker.format}); this is ${version} (format ${format}). ` +
            'A journal is repeated by the version that wrote it: use that version, or another folder.',
        );
      }
      const folder = new DataFolder(dir, lock, marker);
      if (!existsSync(join(dir, 'baton.json'))) folder.writeMarker();
      return folder;
    } catch (error) {
      await lock.close();
      throw error;
    }
  }

  get storeDir(): string {
    return join(this.dir, 'store');
  }

  get checkDir(): string {
    return join(this.dir, 'check');
  }

  /** The port at which the stacks live; undefined for a new folder. */
  get port(): number | undefined {
    return this.marker.port;
  }

  keepPort(port: number): void {
    if (this.marker.port === port) return;
    this.marker = { ...this.marker, port };
    this.writeMarker();
  }

  /** The last commit that anybody was told of; 0: none. */
  acknowledged(): number {
    const file = join(this.dir, 'acknowledged');
    if (!existsSync(file)) return 0;
    const bytes = readFileSync(file);
    if (bytes.length !== 12 || crc32(bytes.subarray(0, 8)) !== bytes.readUInt32LE(8)) {
      throw new DataFolderError(`${file} is damaged: it holds ${bytes.length} bytes that do not fit their checksum.`);
    }
    return Number(bytes.readBigUInt64LE(0));
  }

  /** Told after a commit, before anybody hears of it. Not synced: it outlives this process, and may lag behind a power cut. */
  acknowledger(): { tell(commit: number): void; close(): void } {
    const file = openSync(join(this.dir, 'acknowledged'), existsSync(join(this.dir, 'acknowledged')) ? 'r+' : 'w');
    const bytes = Buffer.alloc(12);
    return {
      tell(commit) {
        bytes.writeBigUInt64LE(BigInt(commit), 0);
        bytes.writeUInt32LE(crc32(bytes.subarray(0, 8)), 8);
        writeSync(file, bytes, 0, 12, 0);
      },
      close: () => closeSync(file),
    };
  }

  async close(): Promise<void> {
    await this.lock.close();
  }

  private writeMarker(): void {
    const file = join(this.dir, 'baton.json');
    const fresh = `${file}.new`;
    writeFileSync(fresh, `${JSON.stringify(this.marker, null, 1)}\n`);
    const written = openSync(fresh, 'r');
    fsyncSync(written);
    closeSync(written);
    renameSync(fresh, file);
  }
}

function mustBeOurs(dir: string): void {
  if (!existsSync(dir)) return;
  if (!statSync(dir).isDirectory()) throw new DataFolderError(`${dir} is a file; --data takes a folder.`);
  const others = readdirSync(dir).filter((name) => !['lock', 'baton.json.new'].includes(name));
  if (others.length === 0 || readMarker(dir)) return;
  throw new DataFolderError(
    `${dir} is not a data folder of Baton: it holds ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', ...' : ''} and no baton.json. ` +
      'It was left as it is. --data takes a new or empty folder, or one that Baton made.',
  );
}

function readMarker(dir: string): Marker | undefined {
  const file = join(dir, 'baton.json');
  if (!existsSync(file)) return undefined;
  try {
    const marker = JSON.parse(readFileSync(file, 'utf8'));
    if (marker?.baton === 'data' && Number.isInteger(marker.format) && typeof marker.version === 'string')
      return marker;
  } catch {
    // Said below.
  }
  throw new DataFolderError(
    `${file} does not mark a data folder of Baton: it is damaged or someone else's. The folder was left as it is; ` +
      'give another one to --data.',
  );
}

async function lockOf(dir: string): Promise<ClassicLevel> {
  const lock = new ClassicLevel(join(dir, 'lock'));
  try {
    await lock.open();
    return lock;
  } catch (error) {
    const { code, message } = causeOf(error);
    if (code === 'LEVEL_LOCKED') {
      throw new DataFolderError(
        `${dir} is in use by another process: two would write over each other. Stop it, or give another folder to --data.`,
      );
    }
    throw new DataFolderError(
      `${join(dir, 'lock')} cannot be opened: ${message}. It holds nothing but the lock of the folder.`,
    );
  }
}

/** What LevelDB itself said. */
export function causeOf(error: unknown): { code?: string; message: string } {
  const { cause, code, message } = error as {
    cause?: { code?: string; message: string };
    code?: string;
    message: string;
  };
  return cause ?? { code, message };
}
