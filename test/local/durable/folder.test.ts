/** Whose folder it is, who uses it, and whether it is whole. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { begin, newFolder, urlOf } from './support';

/** Every file with a digest of its content, but for the lock, which is opened. */
function contents(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.startsWith(join(dir, 'lock')))
      found[path.slice(dir.length)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}

/** A folder with a queue and 50 messages, ended by a kill. */
async function used(): Promise<string> {
  const dir = newFolder();
  const durable = await begin(dir);
  durable.now('sqs', 'CreateQueue', { QueueName: 'kept' });
  for (let i = 0; i < 50; i++) {
    await durable.ask('sqs', 'SendMessage', {
      QueueUrl: urlOf('kept'),
      MessageBody: `message ${i} ${'x'.repeat(200)}`,
    });
  }
  await durable.kill();
  return dir;
}

const logOf = (dir: string): string =>
  join(dir, 'store', readdirSync(join(dir, 'store')).find((name) => name.endsWith('.log'))!);

describe('a folder that is refused stays as it was', () => {
  const damages: [string, (dir: string) => void, RegExp][] = [
    [
      "somebody else's",
      (dir) => {
        rmSync(dir, { recursive: true });
        mkdirSync(dir);
        writeFileSync(join(dir, 'thesis.txt'), 'years of work');
      },
      /is not a data folder of Baton: it holds thesis\.txt and no baton\.json\. It was left as it is/,
    ],
    [
      'marked by something else',
      (dir) => writeFileSync(join(dir, 'baton.json'), '{"baton":"a conductor"}'),
      /does not mark a data folder of Baton/,
    ],
    ['with a broken marker', (dir) => truncateSync(join(dir, 'baton.json'), 7), /does not mark a data folder of Baton/],
    [
      'of another version',
      (dir) => {
        const file = join(dir, 'baton.json');
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: '0.9.0' }));
      },
      /was written by Baton 0\.9\.0 \(format 1\); this is 1\.0\.0/,
    ],
    [
      'that lost the end of its log',
      (dir) => truncateSync(logOf(dir), Math.floor(statSync(logOf(dir)).size * 0.9)),
      /is damaged: it ends at commit \d+, and commit \d+ was acknowledged\. Nothing was changed/,
    ],
    [
      'with wrong bytes in its log',
      (dir) => {
        const bytes = readFileSync(logOf(dir));
        bytes.fill(0x55, 5000, 5016);
        writeFileSync(logOf(dir), bytes);
      },
      /is damaged/,
    ],
    ['without its store', (dir) => rmSync(join(dir, 'store'), { recursive: true }), /is damaged: 'store' is missing/],
    ['without its log', (dir) => rmSync(logOf(dir)), /is damaged/],
    [
      'without the name of its manifest',
      (dir) => writeFileSync(join(dir, 'store', 'CURRENT'), 'MANIFEST-999999\n'),
      /is damaged/,
    ],
    [
      'with a broken note of what was acknowledged',
      (dir) => writeFileSync(join(dir, 'acknowledged'), 'twelve bytes'),
      /acknowledged is damaged/,
    ],
  ];
  test.each(damages)('%s', async (_what, damage, sentence) => {
    const dir = await used();
    damage(dir);
    const before = contents(dir);
    await expect(begin(dir)).rejects.toThrow(sentence);
    expect(contents(dir)).toEqual(before);
    // And it lets go of it: the second try says the same.
    await expect(begin(dir)).rejects.toThrow(sentence);
  });

  test('a file', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(begin(file)).rejects.toThrow('is a file; --data takes a folder');
  });

  test('in use', async () => {
    const dir = newFolder();
    const first = await begin(dir);
    await expect(begin(dir)).rejects.toThrow(/is in use by another process/);
    await first.stop();
    await (await begin(dir)).stop();
  });
});

test('damage in a table of the store is found', async () => {
  const dir = newFolder();
  const durable = await begin(dir, { compactAtBytes: 1e9 });
  durable.now('sqs', 'CreateQueue', { QueueName: 'kept' });
  // More than LevelDB keeps in its log (4 MB); random, so that it is not compressed away.
  for (let i = 0; i < 60; i++) {
    const MessageBody = createHash('sha512').update(String(i)).digest('hex').repeat(800);
    await durable.ask('sqs', 'SendMessage', { QueueUrl: urlOf('kept'), MessageBody });
  }
  await durable.kill();
  // What lies in the log becomes a table when the store is opened.
  await (await begin(dir)).kill();
  const table = readdirSync(join(dir, 'store')).find((name) => name.endsWith('.ldb'))!;
  const bytes = readFileSync(join(dir, 'store', table));
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 8);
  writeFileSync(join(dir, 'store', table), bytes);
  const before = contents(dir);
  await expect(begin(dir)).rejects.toThrow(/is damaged/);
  expect(contents(dir)).toEqual(before);
});

test('a value that was changed is found by its checksum, one that is gone by its number', async () => {
  const change = async (act: (level: ClassicLevel<string, Buffer>, key: string) => Promise<void>): Promise<string> => {
    const dir = await used();
    const level = new ClassicLevel<string, Buffer>(join(dir, 'store'), { valueEncoding: 'buffer' });
    const keys = (await level.keys().all()).filter((key) => key.startsWith('j/sqs/'));
    await act(level, keys[20]!);
    await level.close();
    return dir;
  };
  const wrong = await change(async (level, key) => {
    const value = (await level.get(key))!;
    value[30]! ^= 1;
    await level.put(key, value);
  });
  await expect(begin(wrong)).rejects.toThrow(/is damaged: 'j\/sqs\/000000000020' does not fit its checksum/);
  const gone = await change((level, key) => level.del(key));
  await expect(begin(gone)).rejects.toThrow(/is damaged: 'j\/sqs\/000000000020' is missing/);
});

test('a beginning that was cut short is begun again', async () => {
  const dir = newFolder();
  const durable = await begin(dir);
  await durable.kill();
  rmSync(join(dir, 'acknowledged'));
  rmSync(join(dir, 'store'), { recursive: true });
  mkdirSync(join(dir, 'store'));
  const again = await begin(dir);
  expect(again.holds).toEqual([]);
  await again.stop();
});
