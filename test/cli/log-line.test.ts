/** A function's log as people read it. */
import { stripVTControlCharacters } from 'node:util';
import { renderLogLine } from '../../lib/cli/log-line';

const at = Date.parse('2026-11-24T09:00:00.000Z');
const line = (message: string | object): string | undefined => {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  const shown = renderLogLine({ functionName: 'Handler-1', atMs: at, message: text });
  // Colours are for terminals.
  return shown === undefined ? undefined : stripVTControlCharacters(shown);
};

const common = {
  level: 'INFO',
  timestamp: '2026-11-24T09:00:00.250Z',
  service: 'booking/open-booking',
  sampling_rate: 0,
};

test('an entry is one line: time, level, function, message, and the fields that tell it apart', () => {
  const entry = {
    ...common,
    message: 'handled',
    consumer: 'booking/open-booking',
    eventId: 'e-1',
    correlation: 'bk-1',
    key: 'bk-1',
    type: 'BookingRequested',
    wrote: ['booking'],
    emitted: [{ type: 'BookingOpened', id: 'e-2' }],
  };
  expect(line(entry)).toBe(
    '09:00:00.250  INFO   booking/open-booking  handled  key=bk-1  type=BookingRequested  wrote=booking  emitted=BookingOpened',
  );
});

test('an error shows its stack, in the project, without the frames of others', () => {
  const asset = `/srv/cdk.out/asset.${'a'.repeat(64)}`;
  const stack = [
    'Error: boom',
    `    at decide (${asset}/lib/domain/booking/open-booking.ts:6:42)`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    `    at async c (${asset}/node_modules/@middy/core/index.js:98:22)`,
  ].join('\n');
  expect(line({ ...common, level: 'ERROR', message: 'failed', errorName: 'Error', error: 'boom', stack })).toBe(
    '09:00:00.250  ERROR  booking/open-booking  failed  Error: boom\n    at decide (lib/domain/booking/open-booking.ts:6:42)',
  );
});

test('what only machines read is not shown; plain text is, with its function', () => {
  expect(line('START RequestId: 1 Version: $LATEST\n')).toBeUndefined();
  expect(line({ _aws: { Timestamp: at }, Handled: 1 })).toBeUndefined();
  expect(line('Task timed out after 3.00 seconds\n')).toBe(
    '09:00:00.000  Handler-1  Task timed out after 3.00 seconds',
  );
});

test('what console writes on Lambda says time, request and level itself: each is shown once', () => {
  const id = '6086ee06-5e83-4343-b255-d57dbc040451';
  expect(line(`2026-11-24T09:00:00.572Z\t${id}\tINFO\torder o-1\nof two lines\n`)).toBe(
    '09:00:00.572  INFO   Handler-1  order o-1\nof two lines',
  );
  const thrown = {
    errorType: 'TypeError',
    errorMessage: 'no id',
    stack: ['TypeError: no id', `    at handler (/srv/cdk.out/asset.${'a'.repeat(64)}/index.js:3:9)`],
  };
  expect(line(`2026-11-24T09:00:01.000Z\t${id}\tERROR\tInvoke Error \t${JSON.stringify(thrown)}\n`)).toBe(
    '09:00:01.000  ERROR  Handler-1  TypeError: no id\n    at handler (index.js:3:9)',
  );
});
