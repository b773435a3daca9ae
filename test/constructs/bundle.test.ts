import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleHandlers } from '../../lib/constructs/bundle';
import { sharedMark } from '../../lib/constructs/bundle-beside';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A project with these files. */
function project(files: Record<string, string>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'baton-bundle-')));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const two = {
  'lib/price.ts': "export const price = (cents: number): string => String(cents / 100) + ' EUR';\n",
  'lambdas/shop/sell.ts':
    "import { price } from '../../lib/price';\nexport const handler = async () => price(1490);\nexport const fails = () => {\n  throw new Error('sold out');\n};\n",
  'lambdas/shop/count.ts': "export const handler = async () => 'counted';\n",
};
const ids = ['shop/sell', 'shop/count'];

/** All files below a folder, with their content. */
function content(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

test('each handler gets a folder of its own that runs', async () => {
  const root = project(two);
  const bundles = await bundleHandlers({ root, ids });
  expect(bundles.folderOf('shop/sell')).toBe(join(root, 'build', 'handlers', 'shop', 'sell'));
  expect(readdirSync(bundles.folderOf('shop/sell')).sort()).toEqual(['index.js', 'index.js.map']);
  const { handler } = createRequire(__filename)(join(bundles.folderOf('shop/sell'), 'index.js'));
  expect(await handler()).toBe('14.9 EUR');
});

test('the same sources give the same bytes wherever they lie', async () => {
  const [first, second] = [project(two), project(two)];
  await bundleHandlers({ root: first, ids });
  await bundleHandlers({ root: second, ids });
  const bytes = content(join(first, 'build', 'handlers'));
  expect(content(join(second, 'build', 'handlers'))).toEqual(bytes);
  expect(Object.keys(bytes)).toHaveLength(5);
  for (const text of Object.values(bytes)) expect(text).not.toContain(first);
});

test('the map leads to the TypeScript, by its path in the project', async () => {
  const root = project(two);
  const { folderOf } = await bundleHandlers({ root, ids });
  const map = JSON.parse(readFileSync(join(folderOf('shop/sell'), 'index.js.map'), 'utf8'));
  expect(map.sources.sort()).toEqual(['lambdas/shop/sell.ts', 'lib/price.ts']);
  expect(readFileSync(join(folderOf('shop/sell'), 'index.js'), 'utf8')).toContain('//# sourceMappingURL=index.js.map');
});

test('what has not changed is not written again, and what is no handler any more goes', async () => {
  const root = project(two);
  const { folderOf } = await bundleHandlers({ root, ids });
  const index = join(folderOf('shop/sell'), 'index.js');
  const before = statSync(index).ino;
  writeFileSync(join(folderOf('shop/sell'), 'left-over.js'), '');
  await bundleHandlers({ root, ids: ['shop/sell'] });
  expect(statSync(index).ino).toBe(before);
  expect(existsSync(folderOf('shop/count'))).toBe(false);
  expect(readdirSync(folderOf('shop/sell')).sort()).toEqual(['index.js', 'index.js.map']);
  writeFileSync(join(root, 'lambdas/shop/sell.ts'), 'export const handler = async () => 1;\n');
  await bundleHandlers({ root, ids: ['shop/sell'] });
  expect(statSync(index).ino).not.toBe(before);
});

test("a worker lies beside the handlers that name it, and piscina's own beside those that use piscina", async () => {
  const root = project({
    ...two,
    'node_modules/piscina/package.json': '{ "name": "piscina", "main": "dist/main.js" }',
    'node_modules/piscina/dist/main.js': "exports.pool = () => 'pool';",
    'node_modules/piscina/dist/worker.js': "exports.runs = 'tasks';",
    'lambdas/shop/draw.worker.ts': "export default (size: number): string => '<svg width=' + size + '/>';\n",
    'lambdas/shop/pool.ts':
      "import { pool } from 'piscina';\nexport const work = () => [pool(), __dirname + '/draw.worker.js'];\n",
    'lambdas/shop/draw.ts': "import { work } from './pool';\nexport const handler = async () => work();\n",
  });
  const { folderOf } = await bundleHandlers({ root, ids: [...ids, 'shop/draw'] });
  expect(readdirSync(folderOf('shop/draw')).sort()).toEqual([
    'draw.worker.js',
    'draw.worker.js.map',
    'index.js',
    'index.js.map',
    'worker.js',
    'worker.js.map',
  ]);
  expect(readdirSync(folderOf('shop/sell')).sort()).toEqual(['index.js', 'index.js.map']);
  const worker = createRequire(__filename)(join(folderOf('shop/draw'), 'draw.worker.js'));
  expect(worker.default(3)).toBe('<svg width=3/>');
});

test('a missing handler is named, with what to do', async () => {
  const root = project(two);
  await expect(bundleHandlers({ root, ids: ['shop/sell', 'shop/refund'] })).rejects.toMatchObject({
    name: 'BundleError',
    message: expect.stringMatching(
      /^lambdas\/shop\/refund\.ts: no such file; each declared consumer has its handler there\./,
    ),
  });
});

test('what does not compile is shown by file and line', async () => {
  const root = project({
    ...two,
    'lambdas/shop/sell.ts': "import { nowhere } from './nowhere';\nexport const handler = nowhere;\n",
  });
  await expect(bundleHandlers({ root, ids })).rejects.toMatchObject({
    name: 'BundleError',
    message: expect.stringMatching(/do not bundle:.*lambdas\/shop\/sell\.ts:1:/s),
  });
});

describe('a bundle is made anew', () => {
  const shop = {
    ...two,
    'lib/currency.ts': "export const currency = 'EUR';\n",
    'lib/price.ts':
      "import { currency } from './currency';\nexport const price = (cents: number): string => String(cents / 100) + ' ' + currency;\n",
  };
  const sells = (root: string) => readFileSync(join(root, 'build/handlers/shop/sell/index.js'), 'utf8');

  test('when a file changes that it reaches through others', async () => {
    const root = project(shop);
    await bundleHandlers({ root, ids });
    writeFileSync(join(root, 'lib/currency.ts'), "export const currency = 'USD';\n");
    await bundleHandlers({ root, ids });
    expect(sells(root)).toContain('USD');
  });

  test('when its folder does not hold what was written', async () => {
    const root = project(shop);
    await bundleHandlers({ root, ids });
    const written = sells(root);
    writeFileSync(join(root, 'build/handlers/shop/sell/index.js'), 'half a bund');
    await bundleHandlers({ root, ids });
    expect(sells(root)).toBe(written);
  });

  test('when packages change, and what is known of bundles cannot be read', async () => {
    const root = project({
      ...shop,
      'package-lock.json': '1',
      'node_modules/rate/package.json': '{ "name": "rate", "main": "index.js" }',
      'node_modules/rate/index.js': "exports.rate = 'first';",
      'lib/currency.ts': "import { rate } from 'rate';\nexport const currency = rate;\n",
    });
    await bundleHandlers({ root, ids });
    writeFileSync(join(root, 'node_modules/rate/index.js'), "exports.rate = 'second';");
    writeFileSync(join(root, 'package-lock.json'), '2');
    await bundleHandlers({ root, ids });
    expect(sells(root)).toContain('second');
    writeFileSync(join(root, 'build/handlers/.fresh.json'), '{"common":');
    await bundleHandlers({ root, ids });
    expect(sells(root)).toContain('second');
  });

  test('and nothing else with it', async () => {
    const root = project(shop);
    await bundleHandlers({ root, ids });
    const before = content(join(root, 'build/handlers'));
    writeFileSync(join(root, 'lambdas/shop/count.ts'), "export const handler = async () => 'counted twice';\n");
    await bundleHandlers({ root, ids });
    const after = content(join(root, 'build/handlers'));
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.sort()).toEqual(['.fresh.json', 'shop/count/index.js']);
  });
});

test('the SDK lies beside the bundles, the same for handlers that use the same clients, and no more of it than is used', async () => {
  const using = (command: string): string =>
    `import { DynamoDBClient, ${command} } from '@aws-sdk/client-dynamodb';
export const handler = async () => [new DynamoDBClient({}).config.serviceId, new ${command}({} as never).constructor.name.length > 0];\n`;
  const root = project({
    'lambdas/shop/sell.ts': using('PutItemCommand'),
    'lambdas/shop/count.ts': using('GetItemCommand'),
    'lambdas/shop/rest.ts': "export const handler = async () => 'nothing';\n",
  });
  symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(root, 'node_modules'));
  const all = ['shop/sell', 'shop/count', 'shop/rest'];
  const bundles = await bundleHandlers({ root, ids: all });
  const files = (id: string): Record<string, string> => content(bundles.folderOf(id));
  const [sell, count] = [files('shop/sell'), files('shop/count')];
  expect(sell['sdk.js']).toBe(count['sdk.js']);
  expect(sell['sdk.js']!.startsWith(`${sharedMark}\n`)).toBe(true);
  expect(sell['sdk.js']).toContain('GetItem');
  expect(sell['sdk.js']).not.toContain('UpdateContinuousBackups');
  expect(sell['index.js']!.length).toBeLessThan(2_000);
  expect(Object.keys(files('shop/rest'))).toEqual(['index.js', 'index.js.map']);
  const { handler } = createRequire(__filename)(join(bundles.folderOf('shop/count'), 'index.js'));
  expect(await handler()).toEqual(['DynamoDB', true]);

  // The first use of a command changes the file of all that use this client, and no other of theirs.
  writeFileSync(join(root, 'lambdas/shop/count.ts'), using('UpdateItemCommand'));
  await bundleHandlers({ root, ids: all });
  expect(files('shop/sell')['sdk.js']).toContain('UpdateItem');
  expect(files('shop/sell')['sdk.js']).toBe(files('shop/count')['sdk.js']);
  expect(files('shop/sell')['index.js']).toBe(sell['index.js']);

  // Bundled alone, as a planted mistake is: beside the others it has the file that they have.
  const out = join(root, 'build', 'alone');
  const alone = await bundleHandlers({ root, ids: ['shop/sell'], out, beside: all });
  expect(content(alone.folderOf('shop/sell'))['sdk.js']).toBe(files('shop/sell')['sdk.js']);
});

describe('packages and contracts lie beside the bundles', () => {
  const using = (file: string, schema: string): string =>
    `import { ${schema} } from '../../lib/contracts/${file}';
export const handler = async (one: unknown) => ${schema}.safeParse(one).success;\n`;
  const price = (least: number): string =>
    `import * as z from 'zod/mini';
export const price = z.object({ cents: z.number().check(z.gte(${least})) });
export const dozen = () => 'what nobody asks for';\n`;
  const files = {
    'lib/contracts/prices.ts': price(1),
    'lib/contracts/weights.ts':
      "import * as z from 'zod/mini';\nexport const weight = z.object({ grams: z.string() });\n",
    'lambdas/shop/sell.ts': using('prices', 'price'),
    'lambdas/shop/count.ts': using('weights', 'weight'),
    'lambdas/shop/rest.ts': "export const handler = async () => 'nothing';\n",
  };
  const all = ['shop/sell', 'shop/count', 'shop/rest'];
  const shop = (more: Record<string, string> = {}): string => {
    const root = project({ ...files, ...more });
    symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(root, 'node_modules'));
    return root;
  };
  const contents = (root: string, id: string): Record<string, string> => content(join(root, 'build', 'handlers', id));

  test('packages the same for all, contracts as far as this one uses them, each in a file that is shared', async () => {
    const root = shop();
    const bundles = await bundleHandlers({ root, ids: all });
    const [sell, count] = [contents(root, 'shop/sell'), contents(root, 'shop/count')];
    const maps = ['contracts.js', 'index.js', 'packages.js'].flatMap((file) => [file, `${file}.map`]);
    expect(Object.keys(sell)).toEqual(maps);
    expect(Object.keys(contents(root, 'shop/rest'))).toEqual(['index.js', 'index.js.map']);
    for (const file of ['packages.js', 'contracts.js']) expect(sell[file]!.startsWith(`${sharedMark}\n`)).toBe(true);
    expect(sell['packages.js']).toBe(count['packages.js']);
    // The members that are used, of a package that is imported as a whole.
    const content = createRequire(__filename)(join(bundles.folderOf('shop/sell'), 'packages.js'))['zod/mini'];
    expect(Object.keys(content)).toEqual(['__esModule', 'gte', 'number', 'object', 'string']);
    expect(sell['packages.js']!.length).toBeLessThan(60_000);
    expect(sell['contracts.js']).toContain('cents');
    expect(sell['contracts.js']).not.toMatch(/grams|nobody asks/);
    expect(count['contracts.js']).toContain('grams');
    expect(sell['index.js']!.length).toBeLessThan(2_000);
    expect(JSON.parse(sell['contracts.js.map']!).sources).toContain('lib/contracts/prices.ts');
    const { handler } = createRequire(__filename)(join(bundles.folderOf('shop/sell'), 'index.js'));
    expect(await handler({ cents: 3 })).toBe(true);
    expect(await handler({ cents: 0 })).toBe(false);
  });

  test('a contract that changes is in the files of those that use it, and nothing else changes', async () => {
    const root = shop();
    await bundleHandlers({ root, ids: all });
    const before = content(join(root, 'build/handlers'));
    writeFileSync(join(root, 'lib/contracts/prices.ts'), price(100));
    const { folderOf } = await bundleHandlers({ root, ids: all });
    const after = content(join(root, 'build/handlers'));
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.sort()).toEqual(['.fresh.json', 'shop/sell/contracts.js', 'shop/sell/contracts.js.map']);
    const { handler } = createRequire(__filename)(join(folderOf('shop/sell'), 'index.js'));
    expect(await handler({ cents: 3 })).toBe(false);
  });

  const from = "from '../../lib/contracts/prices';\n";
  test.each([
    ['more names', `import { price, dozen } ${from}export const handler = () => ({ price, dozen });\n`],
    ['the whole', `import * as all ${from}export const handler = () => all;\n`],
  ])('a bundle and its map have nothing of what another handler uses: %s', async (_, other) => {
    const [one, two] = [shop(), shop({ 'lambdas/shop/count.ts': other })];
    await bundleHandlers({ root: one, ids: all });
    const { folderOf } = await bundleHandlers({ root: two, ids: all });
    for (const file of ['index.js', 'index.js.map'])
      expect(contents(two, 'shop/sell')[file]).toBe(contents(one, 'shop/sell')[file]);
    const used = createRequire(__filename)(join(folderOf('shop/count'), 'index.js')).handler();
    expect(Object.keys(used)).toEqual(expect.arrayContaining(['dozen', 'price']));
  });

  test('what is named only by a file that is reached, and of which nothing is used, is left out', async () => {
    const root = shop({
      'lib/spare.ts': "import { dozen } from './contracts/prices';\nexport const spare = () => dozen();\n",
      'lib/both.ts': "import { spare } from './spare';\nexport const most = 5;\nexport const never = () => spare();\n",
      'lambdas/shop/sell.ts': `import { most } from '../../lib/both';\n${using('prices', 'price').replace('success', 'success && most')}`,
    });
    const { folderOf } = await bundleHandlers({ root, ids: all });
    for (const file of ['index.js', 'contracts.js'])
      expect(contents(root, 'shop/sell')[file]).not.toMatch(/dozen|nobody asks/);
    const { handler } = createRequire(__filename)(join(folderOf('shop/sell'), 'index.js'));
    expect(await handler({ cents: 3 })).toBe(5);
  });

  test('a handler that uses nothing of it any more loses the file', async () => {
    const root = shop();
    await bundleHandlers({ root, ids: all });
    writeFileSync(join(root, 'lambdas/shop/sell.ts'), "export const handler = async () => 'sold';\n");
    await bundleHandlers({ root, ids: all });
    expect(Object.keys(contents(root, 'shop/sell'))).toEqual(['index.js', 'index.js.map']);
  });

  test('what could not be bundled is tried anew', async () => {
    const root = project(files);
    await expect(bundleHandlers({ root, ids: all })).rejects.toThrow(/zod\/mini/);
    symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(root, 'node_modules'));
    const { folderOf } = await bundleHandlers({ root, ids: all });
    expect(await createRequire(__filename)(join(folderOf('shop/sell'), 'index.js')).handler({ cents: 3 })).toBe(true);
  });

  test('a worker brings all that it uses: its thread loads nothing else', async () => {
    const root = shop({
      'lambdas/shop/draw.worker.ts': using('prices', 'price').replace('const handler =', 'default'),
      'lambdas/shop/sell.ts': `${using('prices', 'price')}export const worker = __dirname + '/draw.worker.js';\n`,
    });
    const { folderOf } = await bundleHandlers({ root, ids: all });
    const alone = join(root, 'alone.js');
    writeFileSync(alone, readFileSync(join(folderOf('shop/sell'), 'draw.worker.js')));
    expect(await createRequire(__filename)(alone).default({ cents: 3 })).toBe(true);
  });
});
