/**
 * The drawing and its pool, run from the bundled worker as a function does: bwip-js's separate symbologies are ES modules,
 * which jest does not load.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { DrawingPool } from '../../../lambdas/labels/pool';
import type { LabelText } from '../../../lib/domain/labels/render-label';
import { bookingWish } from '../../support/samples';

const folder = mkdtempSync(join(tmpdir(), 'baton-draw-'));
const workerFile = join(folder, 'draw.worker.js');
let draw: (label: LabelText) => string;

beforeAll(() => {
  buildSync({
    entryPoints: [join(__dirname, '../../../lambdas/labels/draw.worker.ts')],
    outfile: workerFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  });
  draw = jest.requireActual(workerFile).default;
});

afterAll(() => rmSync(folder, { recursive: true }));

function label(changes: Partial<LabelText> = {}): LabelText {
  const { laneId, dispatchDate, weightGrams, sender, recipient } = bookingWish();
  return { parcelId: 'pc-bk-1', laneId, dispatchDate, weightGrams, sender, recipient, ...changes };
}

const named = (name: string) => ({ name, postcode: '20095', city: 'Hamburg' });
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe('the drawing', () => {
  test('shows lane, addresses, date, weight and parcel', () => {
    const texts = textsOf(draw(label()));
    for (const text of ['BER', 'HAM', 'Tea &amp; Paper', 'Ada Holm', '20095', '2030-12-02', '1.20 kg', 'pc-bk-1']) {
      expect(texts).toContain(text);
    }
  });

  test('equal text gives equal bytes', () => {
    expect(draw(label())).toBe(draw(structuredClone(label())));
    expect(draw(label())).not.toBe(draw(label({ parcelId: 'pc-bk-2' })));
  });

  test('what stands in an address stays text', () => {
    const svg = draw(label({ recipient: named(`</text><script>x("&", 'y')`) }));
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;x(&quot;&amp;&quot;, &apos;y&apos;)<');
  });

  test('what XML cannot hold is left out', () => {
    expect(textsOf(draw(label({ recipient: named('A\u0000d\u001ba\ud800') })))).toContain('Ada');
  });

  test('a long name gets smaller, a longer one is cut', () => {
    const sizeOf = (name: string) =>
      Number(/font-size="([\d.]+)"[^>]*>(W+)/.exec(draw(label({ recipient: named(name) })))![1]);
    expect(sizeOf('W'.repeat(10))).toBe(30);
    expect(sizeOf('W'.repeat(25))).toBeLessThan(30);
    expect(textsOf(draw(label({ recipient: named('W'.repeat(80)) })))).toContainEqual(
      expect.stringMatching(/^W{20,50}…$/),
    );
  });

  /** Code 128, set B: start, 7 letters, check, stop; 11 modules each, 13 for the stop. */
  test('the bars are as many modules wide as Code 128 makes of the parcel', () => {
    const [, width] = /viewBox="0 0 (\d+) \d+" xmlns/.exec(draw(label()).split('preserveAspectRatio')[1]!)!;
    expect(Number(width)).toBe((1 + 'pc-bk-1'.length + 1) * 11 + 13);
  });
});

describe('the pool', () => {
  const pools: DrawingPool[] = [];
  const pool = (options: Partial<ConstructorParameters<typeof DrawingPool>[0]> = {}) => {
    const made = new DrawingPool({ threads: 1, waiting: 2, timeoutMs: 20_000, workerFile, ...options });
    pools.push(made);
    return made;
  };
  afterAll(() => Promise.all(pools.map((one) => one.close())));

  test('draws as the drawing does, in another thread', async () => {
    expect(await pool().draw(label())).toBe(draw(label()));
  });

  test('refuses what is more than may wait, with proof that nothing was done', async () => {
    const small = pool();
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => small.draw(label())));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(3);
    for (const error of refused) expect(error).toMatchObject({ name: 'NotDrawnError', executed: 'no' });
    expect(await small.draw(label())).toContain('</svg>');
  });

  test('gives up a drawing that takes too long, and draws the next one', async () => {
    const impatient = pool({ timeoutMs: 0 });
    await expect(impatient.draw(label())).rejects.toThrow('longer than 0 ms');
    const patient = pool();
    expect(await patient.draw(label())).toContain('</svg>');
  });
});
