import { DispatchMissed } from '../../../lib/contracts/events/dispatch';
import { makeVoid } from '../../../lib/domain/labels/void-label';
import { eventOf, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const missed = eventOf(DispatchMissed, { ...DispatchMissed.example, bookingId: 'bk-1' });
const tombstone = { bookingId: 'bk-1', status: 'void' as const };
const rendered = {
  bookingId: 'bk-1',
  parcelId: 'pc-bk-1',
  key: 'labels/pc-bk-1.svg',
  sha256: 'd'.repeat(64),
  status: 'rendered' as const,
};

test('a missed dispatch makes the label void, once', () => {
  expect(makeVoid(missed, { label: rendered }, at)).toEqual({
    write: { label: { ...rendered, status: 'void' } },
    emit: [{ type: 'LabelVoided', data: { bookingId: 'bk-1', parcelId: 'pc-bk-1' } }],
  });
  const again = makeVoid(missed, { label: { ...rendered, status: 'void' } }, at);
  expect([again.write, again.emit]).toEqual([undefined, undefined]);
});

test('a missed dispatch before the label leaves a tombstone', () => {
  const outcome = makeVoid(missed, { label: undefined }, at);
  expect(outcome.write).toEqual({ label: tombstone });
  expect(outcome.emit).toBeUndefined();
});
