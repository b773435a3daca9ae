import { dispatchParcel } from '../../lib/contracts/consumers/dispatch';
import { environment } from '../../lib/contracts/environment';
import { Dispatch } from '../../lib/contracts/rows/dispatch';
import { dispatchWithin } from '../../lib/domain/dispatch/dispatch-parcel';
import { consume } from '../shared/consume';
import { variable } from '../shared/environment';

export const handler = consume(dispatchParcel, {
  read: ({ data }) => ({ dispatch: Dispatch.key(data.bookingId) }),
  decide: (event, state, at) => {
    const deadlineSeconds = Number(variable(environment.dispatchDeadlineSeconds));
    return dispatchWithin({ deadlineSeconds })(event, state, at);
  },
});
