/**
 * What changed in a table with a stream, newest last; at most `maxChanges` are kept. The streams API is not modelled:
 * the runtime reads the log by the internal operation '$changes'.
 * A write that changes nothing leaves no record, as on AWS.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
import type { Millis } from '../../ports';
import { keptClass } from '../kept';
import { type KeySchema, pickKey } from './keys';
import { copyItem, equal, type Item } from './values';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
export const streamViewTypes: readonly string[] = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];

const maxChanges = 1000;

interface Change {
  sequence: number;
  at: Millis;
  before: Item | undefined;
  after: Item | undefined;
  by?: 'time to live' | undefined;
}

export class ChangeLog {
  private changes: Change[] = [];
  private sequence = 0;

  constructor(
    readonly view: StreamViewType,
    private readonly schema: KeySchema,
  ) {}

  record(at: Millis, before: Item | undefined, after: Item | undefined, by?: 'time to live'): void {
    if (before && after && equal({ M: before }, { M: after })) return;
    this.changes.push({ sequence: ++this.sequence, at, before, after, by });
    if (this.changes.length >= 2 * maxChanges) this.changes = this.changes.slice(-maxChanges);
  }

  /** The kept changes in the shape of stream records. */
  records() {
    const wantsNew = this.view === 'NEW_IMAGE' || this.view === 'NEW_AND_OLD_IMAGES';
    const wantsOld = this.view === 'OLD_IMAGE' || this.view === 'NEW_AND_OLD_IMAGES';
    return this.changes.slice(-maxChanges).map(({ sequence, at, before, after, by }) => ({
      eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(at / 1000),
        Keys: pickKey(this.schema, (after ?? before)!),
        ...(wantsNew && after ? { NewImage: copyItem(after) } : {}),
        ...(wantsOld && before ? { OldImage: copyItem(before) } : {}),
        SequenceNumber: String(sequence).padStart(21, '0'),
        StreamViewType: this.view,
      },
      ...(by ? { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } } : {}),
    }));
  }
}

keptClass('dynamodb', { ChangeLog });
