/**
 * AWS Security Token Service: who calls. Everybody is the account's root here; nothing is checked.
 * Modelled: GetCallerIdentity. Source: STS API reference.
 */
import { fail, ok, type Service, type ServiceOptions } from './service';

export function createStsService({ account }: ServiceOptions): Service {
  return {
    name: 'sts',
    stateless: true,
    apply: (_now, { operation }) => ({
      reply:
        operation === 'GetCallerIdentity'
          ? ok({ Account: account, Arn: `arn:aws:iam::${account}:root`, UserId: account })
          : fail(
              'InvalidAction',
              `STS's ${operation} is not modelled by the local runtime; modelled: GetCallerIdentity.`,
            ),
    }),
    wake: () => ({}),
  };
}
