/** All that the parcel app promises: of its business, of its saga, and of the delivery protocol below them. */
import type { Property } from '../../../lib/sim';
import { accountProperties } from './accounts';
import { businessProperties } from './business';
import { cancelProperties } from './cancels';
import { debtProperties } from './debts';
import { protocolProperties } from './protocol';
import { sagaProperties } from './sagas';

export const appProperties: readonly Property[] = [
  ...businessProperties,
  ...sagaProperties,
  ...protocolProperties,
  ...accountProperties,
  ...cancelProperties,
  ...debtProperties,
];
