/** A small saga that only tests know: a trip is booked by two contexts side by side, then paid, then handed over. */
import * as z from 'zod/mini';
import { source } from '../../lib/contracts/kit';
import { finalStep, saga, step } from '../../lib/contracts/saga';

const trip = source('trip');
const hotel = source('hotel');

const fact = <Name extends string>(
  of: ReturnType<typeof source>,
  name: Name,
  more: Record<string, z.ZodMiniType<any>> = {},
) =>
  of.event(name, {
    says: `${name}.`,
    key: 'tripId',
    data: z.object({ tripId: z.string(), ...more }) as z.ZodMiniType<any>,
    example: { tripId: 't-1' },
  });
const reason = z.string();

export const TripOpened = fact(trip, 'TripOpened', { city: z.string(), cents: z.int(), note: z.optional(z.string()) });
export const BedRequested = fact(trip, 'BedRequested', { city: z.string(), note: z.optional(z.string()) });
export const BedBooked = fact(hotel, 'BedBooked', { bedId: z.string(), wallpaper: z.optional(z.string()) });
export const BedRefused = fact(hotel, 'BedRefused', { reason });
export const BedReturnRequested = fact(trip, 'BedReturnRequested', { city: z.string(), reason });
export const BedReturned = fact(hotel, 'BedReturned');
export const SeatRequested = fact(trip, 'SeatRequested', { city: z.string() });
export const SeatBooked = fact(hotel, 'SeatBooked', { seatId: z.string() });
export const SeatReturnRequested = fact(trip, 'SeatReturnRequested', { reason });
export const SeatReturned = fact(hotel, 'SeatReturned');
export const BlessingRequested = fact(trip, 'BlessingRequested', { cents: z.int() });
export const BlessingGiven = fact(hotel, 'BlessingGiven');
export const BlessingPondered = fact(hotel, 'BlessingPondered');
export const BlessingRefused = fact(hotel, 'BlessingRefused', { reason });
export const BlessingDropRequested = fact(trip, 'BlessingDropRequested', { reason });
export const BlessingDropped = fact(hotel, 'BlessingDropped');
export const KeyRequested = fact(trip, 'KeyRequested', { bedId: z.string(), seatId: z.string() });
export const KeyHanded = fact(hotel, 'KeyHanded');
export const KeyReturnRequested = fact(trip, 'KeyReturnRequested', { reason });
export const KeyReturned = fact(hotel, 'KeyReturned');
export const KeyUsed = fact(hotel, 'KeyUsed');
export const FarewellRequested = fact(trip, 'FarewellRequested');
export const FarewellSaid = fact(hotel, 'FarewellSaid');
export const ApologyRequested = fact(trip, 'ApologyRequested', { reason });
export const ApologyMade = fact(hotel, 'ApologyMade');
export const TripUnderWay = fact(trip, 'TripUnderWay');
export const TripCancelRequested = fact(trip, 'TripCancelRequested', { reason });
export const TripCancelled = fact(hotel, 'TripCancelled', { reason });
export const TripParked = fact(trip, 'TripParked', { step: z.string(), reason });
export const TripResumeRequested = fact(trip, 'TripResumeRequested', { decision: z.string() });
export const TripResumed = fact(hotel, 'TripResumed', { decision: z.string() });

export const bookTrip = saga({
  owner: 'trip',
  name: 'book-trip',
  does: 'Books a trip.',
  conductor: 'conduct-trip',
  on: TripOpened,
  steps: [
    step({
      name: 'get-blessing',
      when: { field: 'cents', above: 1_000 },
      ask: BlessingRequested,
      answers: [BlessingGiven],
      refusals: [BlessingRefused],
      answeredLater: true,
      timeoutSeconds: 7_200,
      heartbeat: { seconds: 3_600, by: [BlessingPondered] },
      retries: 0,
      undo: { ask: BlessingDropRequested, answers: [BlessingDropped] },
    }),
    [
      step({
        name: 'book-bed',
        ask: BedRequested,
        answers: [BedBooked],
        refusals: [BedRefused],
        timeoutSeconds: 60,
        retries: 1,
        undo: { ask: BedReturnRequested, answers: [BedReturned] },
      }),
      step({
        name: 'book-seat',
        ask: SeatRequested,
        answers: [SeatBooked],
        timeoutSeconds: 60,
        retries: 1,
        undo: { ask: SeatReturnRequested, answers: [SeatReturned], retries: 1 },
      }),
    ],
    step({
      name: 'hand-key',
      ask: KeyRequested,
      answers: [KeyHanded],
      timeoutSeconds: 60,
      undo: { ask: KeyReturnRequested, answers: [KeyReturned], tooLate: [KeyUsed] },
    }),
  ],
  afterwards: [finalStep({ name: 'say-farewell', ask: FarewellRequested, answers: [FarewellSaid] })],
  undone: [finalStep({ name: 'apologise', ask: ApologyRequested, answers: [ApologyMade] })],
  cancel: { request: TripCancelRequested, underWay: TripUnderWay, cancelled: TripCancelled },
  park: { request: TripResumeRequested, parked: TripParked, resumed: TripResumed },
  ifDeadLettered: 'A trip does not go on. Fix the cause, redrive; nothing is lost.',
});
