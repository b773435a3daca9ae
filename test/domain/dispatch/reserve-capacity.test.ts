import { CapacityRequested } from '../../../lib/contracts/events/booking-asks';
import type { DataOf } from '../../../lib/contracts/kit';
import type { Reservation } from '../../../lib/contracts/rows/dispatch';
import { reserve } from '../../../lib/domain/dispatch/reserve-capacity';
import { asked, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const slot = { bookingId: 'bk-1', laneId: 'BER-HAM', dispatchDate: '2030-12-01' };
const ask = asked(CapacityRequested);
const held = (status: DataOf<typeof Reservation>['status']) => ({ ...slot, status });
const calledOff = 'the booking was called off before';

describe('reserve-capacity', () => {
  test('takes the first slot of a day that nobody asked for yet', () => {
    expect(reserve(ask, { lane: undefined, reservation: undefined }, at)).toEqual({
      write: { lane: { slots: 500, reserved: 1 }, reservation: held('reserved') },
      emit: [{ type: 'CapacityReserved', data: slot }],
    });
  });

  test('takes the last slot', () => {
    const { write } = reserve(ask, { lane: { slots: 3, reserved: 2 }, reservation: undefined }, at);
    expect(write!.lane).toEqual({ slots: 3, reserved: 3 });
  });

  test('refuses when all slots are taken, and leaves the lane alone', () => {
    const reason = 'lane BER-HAM is full on 2030-12-01: all of its 3 slots are taken';
    expect(reserve(ask, { lane: { slots: 3, reserved: 3 }, reservation: undefined }, at)).toEqual({
      write: { reservation: { ...held('refused'), reason } },
      emit: [{ type: 'CapacityRefused', data: { ...slot, reason } }],
    });
  });

  test('refuses on the lane that has no slots', () => {
    const full = asked(CapacityRequested, { laneId: 'XXX-FUL' });
    const { emit } = reserve(full, { lane: undefined, reservation: undefined }, at);
    expect(emit).toMatchObject([{ type: 'CapacityRefused', data: { laneId: 'XXX-FUL' } }]);
  });

  test.each<[DataOf<typeof Reservation>, object]>([
    [held('reserved'), { type: 'CapacityReserved', data: slot }],
    [
      { ...held('refused'), reason: 'full' },
      { type: 'CapacityRefused', data: { ...slot, reason: 'full' } },
    ],
    [held('released'), { type: 'CapacityRefused', data: { ...slot, reason: calledOff } }],
    [held('cancelled'), { type: 'CapacityRefused', data: { ...slot, reason: calledOff } }],
  ])('takes nothing for a booking whose reservation is %j, and answers by it', (reservation, answer) => {
    const outcome = reserve(asked(CapacityRequested, {}, 2), { lane: { slots: 3, reserved: 1 }, reservation }, at);
    expect([outcome.write, outcome.emit]).toEqual([undefined, [answer]]);
  });
});
