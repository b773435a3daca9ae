/**
 * The sample bookings of `npm start`: some go through, one is refused by the payment gateway and undone, one event is
 * malformed and ends in the dead letters. What is printed is read back as `baton trace` reads it.
 */
import { randomUUID } from 'node:crypto';
import pc from 'picocolors';
import { BookingRequested } from '../contracts/events/booking';
import type { LocalRun } from '../local/start';
import { Aws } from './aws';
import { readDeadLetters } from './dead-letters';
import { exampleOf, publish } from './publish';
import { followToEnd } from './trace/follow';
import { renderTree } from './trace/render';

const withinMs = 30_000;

const parcels = [
  { merchantId: 'tea-and-paper', laneId: 'BER-HAM', weightGrams: 1200, priceCents: 1490, to: 'Ada Holm, Hamburg' },
  { merchantId: 'north-bikes', laneId: 'HAM-MUC', weightGrams: 8400, priceCents: 2390, to: 'Jonas Weber, Munich' },
  { merchantId: 'lamp-works', laneId: 'CGN-LEJ', weightGrams: 3100, priceCents: 1790, to: 'Mia Krause, Leipzig' },
  { merchantId: 'book-barn', laneId: 'STR-BER', weightGrams: 950, priceCents: 1290, to: 'Noah Lang, Berlin' },
];

export async function demo(run: LocalRun, bookings: number, stopped: () => boolean): Promise<void> {
  const aws = Aws.at({ endpointUrl: run.endpoint });
  // The refused one comes second, so that even a small demo shows it.
  const refused = bookings > 1 ? 2 : 0;
  const samples = Array.from({ length: bookings }, (_, index) => sample(index, index + 1 === refused));
  console.log(
    `\nPublishing ${bookings} sample booking${bookings === 1 ? '' : 's'}${refused ? ', one of which the payment gateway will decline' : ''}, and one malformed event ...`,
  );
  const started = Date.now();
  const malformedId = randomUUID();
  const ended = samples.map(async (booking) => {
    await publish(aws, BookingRequested, booking);
    return followToEnd(aws, String(booking.data.bookingId), { withinMs });
  });
  await publish(aws, BookingRequested, {
    meta: { id: malformedId, time: new Date().toISOString() },
    data: { ...samples[0]!.data, bookingId: 'bk-demo-malformed', priceCents: 'fourteen ninety' },
  });
  for (const [index, booking] of samples.entries()) {
    const tree = await ended[index];
    if (stopped()) return;
    const { bookingId, merchantId, laneId, priceCents } = booking.data as Record<string, string | number>;
    console.log(
      `\n${pc.bold(String(bookingId))}  ${merchantId}, ${laneId}, ${(Number(priceCents) / 100).toFixed(2)} EUR`,
    );
    console.log(tree ? renderTree(tree) : pc.red(`nothing is known of it after ${withinMs / 1000} s`));
  }
  await showMalformed(aws, malformedId, stopped);
  console.log(pc.dim(`\nAll of it took ${((Date.now() - started) / 1000).toFixed(1)} s.`));
}

function sample(index: number, refused: boolean): ReturnType<typeof exampleOf> {
  const parcel = parcels[index % parcels.length]!;
  const [name, city] = parcel.to.split(', ');
  const booking = exampleOf(BookingRequested);
  booking.data = {
    ...booking.data,
    bookingId: `bk-demo-${index + 1}`,
    merchantId: parcel.merchantId,
    laneId: parcel.laneId,
    weightGrams: parcel.weightGrams,
    priceCents: parcel.priceCents,
    paymentToken: refused ? 'tok_declined' : 'tok_visa',
    recipient: { name, city, postcode: '20095' },
  };
  return booking;
}

async function showMalformed(aws: Aws, id: string, stopped: () => boolean): Promise<void> {
  const until = Date.now() + withinMs;
  while (!stopped() && Date.now() < until) {
    const letter = (await readDeadLetters(aws)).find(({ meta }) => meta?.id === id);
    if (letter) {
      console.log(`\n${pc.bold('bk-demo-malformed')}  a BookingRequested that breaks its contract`);
      console.log(
        `           ${pc.red('✗')} dead letters of ${letter.attributes.consumer ?? letter.queue}: ${pc.red(letter.reason)}`,
      );
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
