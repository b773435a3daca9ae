import type { DataOf } from '../../../lib/contracts/kit';
import type { Reservation } from '../../../lib/contracts/rows/dispatch';
import { reserve } from '../../../lib/domain/dispatch/reserve-capacity';
import { opened, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const asked = { bookingId: 'bk-1', laneId: 'BER-HAM', dispatchDate: '2030-12-02' };
const held = (status: DataOf<typeof Reservation>['status']) => ({ ...asked, status });

describe('reserve-capacity', () => {
  test('takes the first slot of a day that nobody asked for yet', () => {
    expect(reserve(opened(), { lane: undefined, reservation: undefined }, at)).toEqual({
      write: { lane: { slots: 500, reserved: 1 }, reservation: held('reserved') },
      emit: [{ type: 'CapacityReserved', data: asked }],
    });
  });

  test('takes the last slot', () => {
    const { write } = reserve(opened(), { lane: { slots: 3, reserved: 2 }, reservation: undefined }, at);
    expect(write!.lane).toEqual({ slots: 3, reserved: 3 });
  });

  test('refuses when all slots are taken, and leaves the lane alone', () => {
    const reason = 'lane BER-HAM is full on 2030-12-02: all of its 3 slots are taken';
    expect(reserve(opened(), { lane: { slots: 3, reserved: 3 }, reservation: undefined }, at)).toEqual({
      write: { reservation: held('refused') },
      emit: [{ type: 'CapacityRefused', data: { ...asked, reason } }],
    });
  });

  test('refuses on the lane that has no slots', () => {
    const { emit } = reserve(opened({ laneId: 'XXX-FUL' }), { lane: undefined, reservation: undefined }, at);
    expect(emit).toMatchObject([{ type: 'CapacityRefused', data: { laneId: 'XXX-FUL' } }]);
  });

  test.each(['reserved', 'refused', 'released', 'cancelled'] as const)(
    'does nothing for a booking whose reservation is %s',
    (status) => {
      const outcome = reserve(opened(), { lane: { slots: 3, reserved: 1 }, reservation: held(status) }, at);
      expect([outcome.write, outcome.emit]).toEqual([undefined, undefined]);
    },
  );
});
