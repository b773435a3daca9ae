/** All that the parcel app promises: of its business, and of the delivery protocol below it. */
import type { Property } from '../../../lib/sim';
import { businessProperties } from './business';
import { protocolProperties } from './protocol';

export const appProperties: readonly Property[] = [...businessProperties, ...protocolProperties];
