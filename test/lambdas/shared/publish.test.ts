/** Step 4: what is owed is published, each entry's result is looked at, and only failed entries are sent again. */
import { createLog } from '../../../lambdas/shared/log';
import { publish } from '../../../lambdas/shared/publish';
import type { OwedEvent } from '../../../lib/contracts/record';
import { awsError, FakeAws } from './fake-aws';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.restore());

const log = createLog('test/publish');
const owed = (id: string, more: Partial<OwedEvent> & { bytes?: number } = {}): OwedEvent => {
  const { bytes, ...rest } = more;
  const detail = JSON.stringify({ meta: { id }, data: { text: 'x'.repeat(bytes ?? 1) } });
  return { id, source: 'test', type: 'Counted', detail, ...rest };
};
const many = (count: number, more?: object) => Array.from({ length: count }, (_, index) => owed(`e${index}`, more));
const pay = (events: OwedEvent[], withinMs = 5_000) => aws.settle(() => publish(events, aws.nowMs + withinMs, log));
const entries = () => aws.calls.filter(({ name }) => name === 'PutEvents').map(({ input }) => input.Entries.length);
const failing = (which: (id: string, attempt: number) => string | undefined) => {
  let attempt = 0;
  aws.fault = ({ name, input }) => {
    if (name !== 'PutEvents') return undefined;
    attempt++;
    const codes = input.Entries.map(({ Detail }: any) => which(JSON.parse(Detail).meta.id, attempt));
    aws.amend = (output) => ({
      FailedEntryCount: codes.filter(Boolean).length,
      Entries: output.Entries.map((entry: any, index: number) =>
        codes[index] ? { ErrorCode: codes[index], ErrorMessage: 'no' } : entry,
      ),
    });
    return undefined;
  };
};

test('nothing owed, nothing called', async () => {
  expect(await pay([])).toEqual(new Set());
  expect(aws.calls).toEqual([]);
});

test('ten entries a call', async () => {
  expect(await pay(many(23))).toEqual(new Set());
  expect(entries()).toEqual([10, 10, 3]);
});

test('less than 1 MB a call, by the formula of EventBridge', async () => {
  const size = (event: OwedEvent) => Buffer.byteLength(event.detail) + 'test'.length + 'Counted'.length;
  const [a, b] = [owed('a', { bytes: 600_000 }), owed('b')];
  const exactly = owed('c', { bytes: 1 + (1_048_576 - size(a) - size(owed('c'))) });
  expect(size(a) + size(exactly)).toBe(1_048_576);
  await pay([a, exactly, b]);
  expect(entries()).toEqual([1, 2]);
  aws.calls = [];
  await pay([a, { ...exactly, detail: exactly.detail.replace('x', '') }]);
  expect(entries()).toEqual([2]);
});

test('why an event was not published is logged once for each reason, however often it is tried', async () => {
  const lines: string[] = [];
  const listening = { ...log, warn: (_: string, fields: any) => lines.push(`${fields.published} ${fields.errorName}`) };
  const reasons = ['InternalFailure', 'InternalFailure', 'InternalFailure', 'ThrottlingException'];
  failing((_, attempt) => reasons[attempt - 1]);
  await aws.settle(() => publish([owed('a')], aws.nowMs + 20_000, listening));
  expect(entries()).toEqual([1, 1, 1, 1, 1]);
  expect(lines).toEqual(['a InternalFailure', 'a ThrottlingException']);
});

test('only the failed entries are sent again', async () => {
  failing((id, attempt) => (id === 'e1' && attempt < 3 ? 'ThrottlingException' : undefined));
  expect(await pay(many(3))).toEqual(new Set());
  expect(entries()).toEqual([3, 1, 1]);
  expect(aws.calls.at(-1)!.input.Entries[0].Detail).toContain('"e1"');
});

test('a call that fails as a whole is sent again as a whole', async () => {
  let first = true;
  aws.fault = ({ name }) => {
    if (name === 'PutEvents' && first) {
      first = false;
      throw awsError('InternalException');
    }
    return undefined;
  };
  expect(await pay(many(2))).toEqual(new Set());
  expect(entries()).toEqual([2, 2]);
});

test('what fails until the deadline stays unpaid, and only that', async () => {
  failing((id) => (id === 'e1' ? 'InternalFailure' : undefined));
  const events = many(3);
  const start = aws.nowMs;
  expect(await pay(events, 10_000)).toEqual(new Set([events[1]]));
  expect(aws.nowMs - start).toBeLessThan(10_000);
  expect(entries().length).toBeGreaterThan(5);
});

test('a bus that refuses for a minute is asked ever more rarely, and until the end', async () => {
  const askedAtMs: number[] = [];
  failing(() => {
    askedAtMs.push(aws.nowMs - start);
    return 'InternalFailure';
  });
  const start = aws.nowMs;
  const events = many(1);
  expect(await pay(events, 60_000)).toEqual(new Set(events));
  const between = (fromMs: number, toMs: number) => askedAtMs.filter((at) => at >= fromMs && at < toMs).length;
  expect(between(0, 5_000)).toBeGreaterThanOrEqual(5);
  // A pause is 2.5 s in the mean by then.
  expect(between(10_000, 55_000)).toBeLessThan(30);
  expect(between(10_000, 55_000)).toBeGreaterThan(10);
  expect(askedAtMs.at(-1)).toBeGreaterThan(50_000);
});

test('what cannot succeed is not sent again', async () => {
  failing((id) => (id === 'e1' ? 'MalformedDetail' : undefined));
  const events = many(2);
  expect(await pay(events)).toEqual(new Set([events[1]]));
  expect(entries()).toEqual([2]);
});

describe('due later', () => {
  test('a one-off schedule, named by the event, that publishes the same event and then goes', async () => {
    const event = owed('0d1c-e1', { dueAtMs: Date.parse('2026-11-24T08:30:00.200Z') });
    expect(await pay([event])).toEqual(new Set());
    expect(aws.published).toEqual([]);
    expect(aws.schedules.get('0d1c-e1')).toEqual({
      Name: '0d1c-e1',
      GroupName: 'group',
      ScheduleExpression: 'at(2026-11-24T08:30:01)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: 'arn:aws:events:us-east-1:123456789012:event-bus/bus',
        RoleArn: 'arn:aws:iam::123456789012:role/schedules',
        EventBridgeParameters: { Source: 'test', DetailType: 'Counted' },
        Input: event.detail,
        DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:123456789012:schedule-dead-letters' },
      },
    });
  });

  test('one that exists already was paid already', async () => {
    const event = owed('e1', { dueAtMs: aws.nowMs + 60_000 });
    await pay([event]);
    expect(await pay([event])).toEqual(new Set());
    expect(aws.schedules.size).toBe(1);
  });

  test('a due time that has passed: published at once', async () => {
    expect(await pay([owed('e1', { dueAtMs: aws.nowMs })])).toEqual(new Set());
    expect(aws.published.map(({ id }) => id)).toEqual(['e1']);
    expect(aws.schedules.size).toBe(0);
  });

  test('a throttle is tried again, a refusal is not', async () => {
    const errors = [awsError('ThrottlingException'), awsError('ValidationException')];
    aws.fault = () => {
      const error = errors.shift();
      if (error) throw error;
      return undefined;
    };
    const event = owed('e1', { dueAtMs: aws.nowMs + 60_000 });
    expect(await pay([event])).toEqual(new Set([event]));
    expect(aws.names()).toEqual(['CreateSchedule', 'CreateSchedule']);
  });
});
