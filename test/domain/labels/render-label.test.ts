import { askDrawing, labelKeyOf, settleDrawing } from '../../../lib/domain/labels/render-label';
import { opened, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const bookingOpened = opened();
const stored = { key: 'labels/pc-bk-1.svg', sha256: 'd'.repeat(64), bytes: 4711 };
const rendered = {
  bookingId: 'bk-1',
  parcelId: 'pc-bk-1',
  key: stored.key,
  sha256: stored.sha256,
  status: 'rendered' as const,
};
const tombstone = { bookingId: 'bk-1', status: 'void' as const };
const nothing = (outcome: { write?: unknown; emit?: unknown; ask?: unknown }) =>
  expect([outcome.write, outcome.emit, outcome.ask]).toEqual([undefined, undefined, undefined]);

test('a label shows what a carrier needs, and no price, merchant or means of payment', () => {
  const { sender, recipient } = bookingOpened.data;
  expect(askDrawing(bookingOpened, { label: undefined }, at)).toEqual({
    ask: {
      parcelId: 'pc-bk-1',
      laneId: 'BER-HAM',
      dispatchDate: '2030-12-02',
      weightGrams: 1200,
      sender,
      recipient,
    },
  });
});

test('nothing is drawn for a booking that was called off before, or that has its label', () => {
  nothing(askDrawing(bookingOpened, { label: tombstone }, at));
  nothing(askDrawing(bookingOpened, { label: rendered }, at));
});

test('a drawing that is stored is announced by claim check', () => {
  expect(settleDrawing(bookingOpened, { label: undefined }, stored, at)).toEqual({
    write: { label: rendered },
    emit: [{ type: 'LabelRendered', data: { bookingId: 'bk-1', parcelId: 'pc-bk-1', label: stored } }],
  });
});

test('a drawing that ends after the undo stays void and is not announced', () => {
  const outcome = settleDrawing(bookingOpened, { label: tombstone }, stored, at);
  expect(outcome.write).toEqual({ label: { ...rendered, status: 'void' } });
  expect(outcome.emit).toBeUndefined();
});

test('the key follows from the parcel', () => expect(labelKeyOf('pc-9')).toBe('labels/pc-9.svg'));
