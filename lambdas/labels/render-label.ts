import { renderLabel } from '../../lib/contracts/consumers/labels';
import { Label } from '../../lib/contracts/rows/labels';
import { askDrawing, type LabelText, settleDrawing } from '../../lib/domain/labels/render-label';
import { consume } from '../shared/consume';
import { drawingPool } from './pool';
import { storeLabel } from './store';

export const handler = consume(renderLabel, {
  read: ({ data }) => ({ label: Label.key(data.bookingId) }),
  call: {
    ask: askDrawing,
    perform: async (text: LabelText, { signal }) => storeLabel(text.parcelId, await drawingPool().draw(text), signal),
  },
  decide: settleDrawing,
});
