import { seededRandom } from '../../../lib/local/random';
import { createStsService } from '../../../lib/local/services/sts';

const sts = createStsService({ account: '123456789012', region: 'r', endpoint: '', random: seededRandom('test') });
const reply = (operation: string) => sts.apply(0, { operation, input: {}, requestId: 'r' }).reply;

// Source: STS API reference, GetCallerIdentity, example of a root user.
test('everybody is the root of the account', () => {
  expect(reply('GetCallerIdentity')).toEqual({
    output: { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:root', UserId: '123456789012' },
  });
});

test('other operations are refused by name', () => {
  expect(reply('AssumeRole')?.error?.message).toBe(
    "STS's AssumeRole is not modelled by the local runtime; modelled: GetCallerIdentity.",
  );
});
