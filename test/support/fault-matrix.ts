/** One consumer against every fault, in one world: each fault strikes a run of its own, and must change nothing. */
import { events } from '../../lib/contracts';
import { schemaProblem } from '../../lib/contracts/envelope';
import type { Consumer } from '../../lib/contracts/kit';
import { type Effects, effectsOf, publishedOf } from './effects';
import { FaultyApp, harmless } from './faults';
import type { Flow, Run } from './flows';
import { deadLettersOf } from './world';

export function describeFaults({
  consumer,
  flow,
  publishes,
}: {
  consumer: Consumer;
  flow: Flow;
  publishes: string;
}): void {
  describe(`${consumer.id}, in ${flow.name}`, () => {
    let app: FaultyApp;
    let baseline: Effects;

    beforeAll(async () => {
      app = new FaultyApp();
      const run = await app.begin(flow);
      await app.end();
      baseline = effectsOf(app.world, run);
      expect(publishedOf(app.world, run).map(({ type }) => type)).toContain(publishes);
      expect(baseline.open).toEqual([]);
      expect(lettersOf(run)).toEqual([]);
    });
    afterAll(() => app.stop());

    const lettersOf = (run: Run) => deadLettersOf(app.world).filter(({ body }) => body.includes(run.key));

    test('happy: another run has the same effects', async () => {
      const run = await app.begin(flow);
      await app.end();
      expect(effectsOf(app.world, run)).toEqual(baseline);
      expect(lettersOf(run)).toEqual([]);
    });

    for (const { name, strike, not } of harmless) {
      const why = not?.(consumer);
      if (why) {
        test.skip(`${name} (does not apply: ${why})`, () => {});
        continue;
      }
      test(name, async () => {
        const run = await app.begin(flow, { consumer, strike: strike() });
        await app.end();
        expect(app.struck).toBeGreaterThan(0);
        expect(app.world.trace.filter(({ kind }) => kind === 'fault').length).toBeGreaterThanOrEqual(app.struck);
        expect(effectsOf(app.world, run)).toEqual(baseline);
        expect(lettersOf(run)).toEqual([]);
      });
    }

    const intoTheQueue = (body: string, run: Run): void => {
      app.world.now('sqs', 'SendMessage', {
        QueueUrl: app.queueUrl(consumer),
        MessageBody: body,
        ...(consumer.ordered ? { MessageGroupId: run.key } : {}),
      });
    };

    test('same id with other content: refused with its reason, and nothing is changed by it', async () => {
      const run = await app.begin(flow);
      await app.end();
      const { entry } = publishedOf(app.world, run).find(({ type }) => consumer.on.some((on) => on.name === type))!;
      const { detail } = entry;
      const { type, data } = otherContent(consumer, entry);
      const other = { source: entry.source, 'detail-type': type, detail: { ...detail, data } };
      intoTheQueue(JSON.stringify(other), run);
      await app.end();
      expect(lettersOf(run)).toMatchObject([
        { reason: expect.stringMatching(/was seen with other content/), attributes: { consumer: consumer.id } },
      ]);
      expect(effectsOf(app.world, run)).toMatchObject({ rows: baseline.rows, facts: baseline.facts, open: [] });
    });

    test('poison: refused with its reason at the first receive, and others are not affected', async () => {
      const run = await app.begin(flow);
      const [event] = consumer.on;
      const poison = { source: event!.source, 'detail-type': event!.name };
      const meta = { id: `poison-${run.key}`, time: new Date(app.world.time.now()).toISOString() };
      intoTheQueue(`{"not json": ${run.key}`, run);
      intoTheQueue(JSON.stringify({ ...poison, detail: { meta, data: { [event!.keyField]: 7 } } }), run);
      intoTheQueue(JSON.stringify({ ...poison, 'detail-type': 'Misspelt', detail: { meta, data: {} } }), run);
      await app.end();
      const letters = lettersOf(run);
      expect(letters.map(({ reason }) => reason).sort()).toEqual([
        expect.stringMatching(new RegExp(`^data\\.${event!.keyField}: `)),
        expect.stringMatching(/^event type \w+\/Misspelt is not known here; allowed: /),
        expect.stringMatching(/^the message is not JSON: /),
      ]);
      expect(letters.every(({ attributes }) => attributes.consumer === consumer.id)).toBe(true);
      expect(effectsOf(app.world, run)).toMatchObject({ rows: baseline.rows, facts: baseline.facts, open: [] });
    });
  });
}

/** The same event with one field changed; where it has only its key, another event of its source that is heard too. */
function otherContent(
  consumer: Consumer,
  entry: { source: string; detailType: string; detail: { data: Record<string, unknown> } },
): { type: string; data: object } {
  const { data } = entry.detail;
  const type = events.find(({ name }) => name === entry.detailType)!;
  for (const [name, value] of Object.entries(data)) {
    if (name === type.keyField) continue;
    for (const other of [typeof value === 'number' ? value + 1 : `${value}x`, type.example[name]]) {
      const changed = { ...data, [name]: other };
      if (other !== value && !schemaProblem(type.schema, changed, 'data')) return { type: type.name, data: changed };
    }
  }
  const another = consumer.on.find(({ source, name }) => source === type.source && name !== type.name);
  if (!another) throw new Error(`no field of ${type.name} can be changed`);
  return { type: another.name, data: { ...another.example, [another.keyField]: data[type.keyField] } };
}
