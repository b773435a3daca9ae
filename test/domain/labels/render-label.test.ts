import { LabelRequested } from '../../../lib/contracts/events/booking-asks';
import { askDrawing, labelKeyOf, settleDrawing } from '../../../lib/domain/labels/render-label';
import { asked, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const ask = asked(LabelRequested);
const stored = { key: 'labels/pc-bk-1.svg', sha256: 'd'.repeat(64), bytes: 4711 };
const drawn = { bookingId: 'bk-1', parcelId: 'pc-bk-1', ...stored, status: 'rendered' as const };
const tombstone = { bookingId: 'bk-1', status: 'void' as const };
const rendered = { type: 'LabelRendered', data: { bookingId: 'bk-1', parcelId: 'pc-bk-1', label: stored } };
const refused = { type: 'LabelRefused', data: { bookingId: 'bk-1', reason: 'the booking was called off before' } };

test('a label shows what a carrier needs, and no price, merchant or means of payment', () => {
  const { sender, recipient } = ask.data;
  expect(askDrawing(ask, { label: undefined }, at)).toEqual({
    ask: {
      parcelId: 'pc-bk-1',
      laneId: 'BER-HAM',
      dispatchDate: '2030-12-01',
      weightGrams: 1200,
      sender,
      recipient,
    },
  });
});

test('a drawing that is stored is announced by claim check', () => {
  expect(settleDrawing(ask, { label: undefined }, stored, at)).toEqual({ write: { label: drawn }, emit: [rendered] });
});

test.each([
  ['has its label', drawn, rendered],
  ['was called off before', tombstone, refused],
  ['was called off when it had its label', { ...drawn, status: 'void' as const }, refused],
])('nothing is drawn for a booking that %s, and the ask is answered', (_, label, answer) => {
  const outcome = askDrawing(asked(LabelRequested, {}, 2), { label }, at);
  expect([outcome.ask, outcome.write, 'emit' in outcome && outcome.emit]).toEqual([undefined, undefined, [answer]]);
});

test('a drawing that ends after the undo stays void, and the ask is refused', () => {
  const outcome = settleDrawing(ask, { label: tombstone }, stored, at);
  expect([outcome.write, outcome.emit]).toEqual([{ label: { ...drawn, status: 'void' } }, [refused]]);
});

test('a second drawing of the same label is the first one', () => {
  const outcome = settleDrawing(asked(LabelRequested, {}, 2), { label: drawn }, stored, at);
  expect([outcome.write, outcome.emit]).toEqual([undefined, [rendered]]);
});

test('the key follows from the parcel', () => expect(labelKeyOf('pc-9')).toBe('labels/pc-9.svg'));
