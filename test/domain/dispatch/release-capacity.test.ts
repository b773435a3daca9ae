import { CapacityReleaseRequested } from '../../../lib/contracts/events/booking-asks';
import type { DataOf } from '../../../lib/contracts/kit';
import type { Reservation } from '../../../lib/contracts/rows/dispatch';
import { release } from '../../../lib/domain/dispatch/release-capacity';
import { asked, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const slot = { bookingId: 'bk-1', laneId: 'BER-HAM', dispatchDate: '2030-12-01' };
const ask = asked(CapacityReleaseRequested);
const held = (status: DataOf<typeof Reservation>['status']) => ({ ...slot, status });
const released = { type: 'CapacityReleased', data: slot };

describe('release-capacity', () => {
  test('gives a slot back, once', () => {
    expect(release(ask, { lane: { slots: 3, reserved: 1 }, reservation: held('reserved') }, at)).toEqual({
      write: { lane: { slots: 3, reserved: 0 }, reservation: held('released') },
      emit: [released],
    });
  });

  test('before the reservation it leaves a tombstone, takes nothing from the lane, and answers', () => {
    const outcome = release(ask, { lane: { slots: 3, reserved: 1 }, reservation: undefined }, at);
    expect([outcome.write, outcome.emit]).toEqual([{ reservation: held('cancelled') }, [released]]);
  });

  test.each(['refused', 'released', 'cancelled'] as const)(
    'changes nothing for a reservation that is %s, and answers',
    (status) => {
      const outcome = release(ask, { lane: { slots: 3, reserved: 1 }, reservation: held(status) }, at);
      expect([outcome.write, outcome.emit]).toEqual([undefined, [released]]);
    },
  );

  test('never goes below none: a held slot of an empty lane is our bug', () => {
    const state = { lane: { slots: 3, reserved: 0 }, reservation: held('reserved') };
    expect(() => release(ask, state, at)).toThrow('where none is taken');
  });

  test('never gives back a slot of another lane', () => {
    const reservation = { ...held('reserved'), laneId: 'MUC-CGN' };
    expect(() => release(ask, { lane: { slots: 3, reserved: 1 }, reservation }, at)).toThrow('MUC-CGN');
  });
});
