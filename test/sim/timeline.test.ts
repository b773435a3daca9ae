import { short } from '../../lib/sim/timeline';

test.each([
  [
    'arn:aws:sqs:us-east-1:123456789012:BatonWorkflow-BookingconductbookingQueueC0ABCA9B-BE8LZFYK4E8O',
    'Bookingconductbooking',
  ],
  ['BatonWorkflow-BookingconductbookingHandlerFunction9-MMH33LCRXSUO', 'Bookingconductbooking'],
  ['BatonWorkflow-PaymentsauthorisepaymentHandlerFuncti-TN2H7YYR22KV', 'Paymentsauthorisepayment'],
  ['BatonState-BookingDeadLetters0A1B2C3D-ABCDEFGHIJKL', 'BookingDeadLetters'],
  ['Shop-Queue4A7E3555-ABCDEFGHIJKL', 'Queue'],
  ['orders', 'orders'],
  [undefined, ''],
])('%s is shown as %s', (name, shown) => expect(short(name)).toBe(shown));
