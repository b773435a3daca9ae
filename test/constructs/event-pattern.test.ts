import * as z from 'zod/mini';
import { maxPatternLength, patternsByKey, patternsOf, patternsOfOthers } from '../../lib/constructs/event-pattern';
import { type EventType, source } from '../../lib/contracts/kit';

const event = (from: string, name: string): EventType =>
  source(from).event(name, { says: 'x', key: 'id', data: z.object({ id: z.string() }), example: { id: '1' } });

const known = [event('booking', 'BookingOpened'), event('payments', 'RefundDue'), event('booking', 'BookingClosed')];

describe('event patterns', () => {
  test('one for each source, so that no pair matches that nobody declared', () => {
    expect(patternsOf(known)).toEqual([
      { name: 'Booking', pattern: { source: ['booking'], detailType: ['BookingClosed', 'BookingOpened'] } },
      { name: 'Payments', pattern: { source: ['payments'], detailType: ['RefundDue'] } },
    ]);
  });

  test('in order by key: one for each source and key field, since a rule takes the message group from one path', () => {
    const scan = source('tracking').event('ParcelScanned', {
      says: 'x',
      key: 'parcelId',
      data: z.object({ parcelId: z.string() }),
      example: { parcelId: '1' },
    });
    expect(patternsByKey([scan])).toEqual([
      { name: 'Tracking', keyField: 'parcelId', pattern: { source: ['tracking'], detailType: ['ParcelScanned'] } },
    ]);
    expect(patternsByKey([scan, known[1]!]).map(({ name, keyField }) => [name, keyField])).toEqual([
      ['PaymentsById', 'id'],
      ['TrackingByParcelId', 'parcelId'],
    ]);
  });

  test('what nobody declared is matched by exactly one pattern: unknown source, or unknown name of a known source', () => {
    expect(patternsOfOthers(known)).toEqual([
      {
        name: 'UnknownSource',
        pattern: { source: [{ 'anything-but': ['booking', 'payments'] }], detailType: undefined },
      },
      {
        name: 'UnknownOfBooking',
        pattern: { source: ['booking'], detailType: [{ 'anything-but': ['BookingClosed', 'BookingOpened'] }] },
      },
      {
        name: 'UnknownOfPayments',
        pattern: { source: ['payments'], detailType: [{ 'anything-but': ['RefundDue'] }] },
      },
    ]);
  });

  test("a pattern above EventBridge's limit is refused before anything is deployed", () => {
    // 58 characters around the names; each name 53 with its quotes, and a comma between two.
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        event('booking', `B${String(index).padStart(2, '0')}${'x'.repeat(48)}`),
      );
    expect(maxPatternLength).toBe(2048);
    expect(patternsOfOthers(many(36))).toHaveLength(2);
    expect(() => patternsOfOthers(many(37))).toThrow(
      "the pattern for unknown events of source 'booking' takes 2055 characters; EventBridge allows 2048. Give some of the events a source of their own",
    );
  });
});
