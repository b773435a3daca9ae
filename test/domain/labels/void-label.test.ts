import { LabelVoidRequested } from '../../../lib/contracts/events/booking-asks';
import { makeVoid } from '../../../lib/domain/labels/void-label';
import { asked, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const ask = asked(LabelVoidRequested);
const drawn = {
  bookingId: 'bk-1',
  parcelId: 'pc-bk-1',
  key: 'labels/pc-bk-1.svg',
  sha256: 'd'.repeat(64),
  bytes: 4711,
  status: 'rendered' as const,
};
const voided = { type: 'LabelVoided', data: { bookingId: 'bk-1', parcelId: 'pc-bk-1' } };

test('makes the label void', () => {
  expect(makeVoid(ask, { label: drawn }, at)).toEqual({
    write: { label: { ...drawn, status: 'void' } },
    emit: [voided],
  });
});

test('before the label it leaves a tombstone, and answers', () => {
  const outcome = makeVoid(ask, { label: undefined }, at);
  expect([outcome.write, outcome.emit]).toEqual([{ label: { bookingId: 'bk-1', status: 'void' } }, [voided]]);
});

test('asked again, it answers the same and writes nothing', () => {
  for (const label of [
    { ...drawn, status: 'void' as const },
    { bookingId: 'bk-1', status: 'void' as const },
  ]) {
    const again = makeVoid(asked(LabelVoidRequested, {}, 2), { label }, at);
    expect([again.write, again.emit]).toEqual([undefined, [voided]]);
  }
});
