/** One booking through the deployed app, as a merchant would see it. Exit code 1 when it does not end well in time. */
import { BookingRequested } from '../../contracts/events/booking';
import { Aws, type WhereOptions } from '../aws';
import { CliError } from '../errors';
import { exampleOf, publish } from '../publish';
import { followToEnd } from '../trace/follow';
import { renderTree } from '../trace/render';

export async function smoke(options: WhereOptions & { timeout: number; json: boolean }): Promise<void> {
  const aws = Aws.at(options);
  const booking = exampleOf(BookingRequested);
  const bookingId = String(booking.data.bookingId);
  await publish(aws, BookingRequested, booking);
  if (!options.json)
    console.log(
      `Published BookingRequested of ${bookingId} to ${aws.place}; following it for up to ${options.timeout} s ...`,
    );
  const started = Date.now();
  const tree = await followToEnd(aws, bookingId, { withinMs: options.timeout * 1000 });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const passed = tree?.complete === true && tree.ended === 'BookingConfirmed';
  if (options.json)
    console.log(JSON.stringify({ passed, bookingId, seconds: Number(seconds), ended: tree?.ended, tree }, null, 2));
  else if (tree) console.log(renderTree(tree));
  if (!passed) {
    throw new CliError(
      tree
        ? `smoke failed: ${bookingId} ${tree.ended ? `ended as ${tree.ended}` : `had not ended after ${options.timeout} s`}, where BookingConfirmed was expected. 'baton dead-letters list' may say why.`
        : `smoke failed: after ${options.timeout} s nothing is known of ${bookingId}. Is open-booking receiving? Look at its queue and its log.`,
    );
  }
  if (!options.json) console.log(`smoke passed: ${bookingId} was confirmed after ${seconds} s.`);
}
