/** `node:zlib` without the thread pool: callback forms and streams compress at once, so that their order is ours. */
import { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Life } from '../life';

const names = [
  'deflate',
  'deflateRaw',
  'gzip',
  'gunzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'brotliCompress',
  'brotliDecompress',
];
const custom = Symbol.for('nodejs.util.promisify.custom');

export function createZlib(life: Life): object {
  const module: Record<string, unknown> = { ...zlib };
  for (const name of names) {
    const work = (zlib as any)[`${name}Sync`] as (data: unknown, options?: unknown) => Buffer;
    const byCallback = (data: unknown, ...rest: any[]): void => {
      const callback = rest.at(-1);
      process.nextTick(() =>
        life.guard(() => {
          let result: Buffer;
          try {
            result = work(data, rest.length > 1 ? rest[0] : undefined);
          } catch (error) {
            callback(error);
            return;
          }
          callback(null, result);
        }),
      );
    };
    Object.defineProperty(byCallback, custom, {
      value: async (data: unknown, options?: unknown) => work(data, options),
    });
    module[name] = byCallback;
    const stream = class extends Transform {
      private readonly chunks: Buffer[] = [];
      constructor(private readonly how?: unknown) {
        super();
      }
      override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
        this.chunks.push(chunk);
        done();
      }
      override _flush(done: (error?: Error | null, data?: Buffer) => void): void {
        try {
          done(null, work(Buffer.concat(this.chunks), this.how));
        } catch (error) {
          done(error as Error);
        }
      }
    };
    const type = name[0]!.toUpperCase() + name.slice(1);
    module[type] = stream;
    module[`create${type}`] = (options?: unknown) => new stream(options);
  }
  module.default = module;
  return module;
}
