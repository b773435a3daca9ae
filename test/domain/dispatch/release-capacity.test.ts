import { DispatchMissed } from '../../../lib/contracts/events/dispatch';
import type { DataOf } from '../../../lib/contracts/kit';
import type { Reservation } from '../../../lib/contracts/rows/dispatch';
import { release } from '../../../lib/domain/dispatch/release-capacity';
import { eventOf, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const asked = { bookingId: 'bk-1', laneId: 'BER-HAM', dispatchDate: '2030-12-02' };
const missed = eventOf(DispatchMissed, { ...asked, reason: 'too late', missing: [] });
const held = (status: DataOf<typeof Reservation>['status']) => ({ ...asked, status });

describe('release-capacity', () => {
  test('gives a slot back, once', () => {
    expect(release(missed, { lane: { slots: 3, reserved: 1 }, reservation: held('reserved') }, at)).toEqual({
      write: { lane: { slots: 3, reserved: 0 }, reservation: held('released') },
      emit: [{ type: 'CapacityReleased', data: asked }],
    });
  });

  test('before the reservation it leaves a tombstone and takes nothing from the lane', () => {
    const outcome = release(missed, { lane: { slots: 3, reserved: 1 }, reservation: undefined }, at);
    expect(outcome.write).toEqual({ reservation: held('cancelled') });
    expect(outcome.emit).toBeUndefined();
  });

  test.each(['refused', 'released', 'cancelled'] as const)('does nothing for a reservation that is %s', (status) => {
    const outcome = release(missed, { lane: { slots: 3, reserved: 1 }, reservation: held(status) }, at);
    expect([outcome.write, outcome.emit]).toEqual([undefined, undefined]);
  });

  test('never goes below none: a held slot of an empty lane is our bug', () => {
    const state = { lane: { slots: 3, reserved: 0 }, reservation: held('reserved') };
    expect(() => release(missed, state, at)).toThrow('where none is taken');
  });

  test('never gives back a slot of another lane', () => {
    const reservation = { ...held('reserved'), laneId: 'MUC-CGN' };
    expect(() => release(missed, { lane: { slots: 3, reserved: 1 }, reservation }, at)).toThrow('MUC-CGN');
  });
});
