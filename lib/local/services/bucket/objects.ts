/** Objects of one bucket, by key; keys are listed in the order of their UTF-8 bytes. */
import type { Millis } from '../../ports';
import { keptClass } from '../kept';

export interface StoredObject {
  key: string;
  body: Buffer;
  /** MD5 in hex, with the quotes that belong to it. */
  etag: string;
  modifiedMs: Millis;
  /** ContentType and its like, as given. */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  /** By member name, e.g. ChecksumSHA256. */
  checksums: Record<string, string>;
  storageClass: string;
}

export class Objects {
  private readonly byKey = new Map<string, StoredObject>();
  private sorted: string[] | undefined;

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): StoredObject | undefined {
    return this.byKey.get(key);
  }

  put(object: StoredObject): void {
    if (!this.byKey.has(object.key)) this.sorted = undefined;
    this.byKey.set(object.key, object);
  }

  delete(key: string): void {
    if (this.byKey.delete(key)) this.sorted = undefined;
  }

  /** All keys, sorted. */
  keys(): readonly string[] {
    this.sorted ??= [...this.byKey.keys()].sort(byBytes);
    return this.sorted;
  }
}

export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

keptClass('s3', { Objects });
