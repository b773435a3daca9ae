/** A local DynamoDB for tests, asked synchronously. */

import { seededRandom } from '../../../../lib/local/random';
import type { Outcome, Service, ServiceError } from '../../../../lib/local/services/service';
import { createTableService } from '../../../../lib/local/services/table';
import { restoring } from '../../../support/restoring';

export const startMs = Date.parse('2026-01-01T00:00:00Z');

export class TestTables {
  nowMs = startMs;
  wakeAt: number | undefined;
  private readonly service: Service;
  private requests = 0;

  /** `restored`: written down and read back every few acts, as by a restart. */
  constructor(restored = true) {
    const options = () => ({
      account: '123456789012',
      region: 'us-east-1',
      random: seededRandom('table tests'),
      endpoint: 'http://127.0.0.1:4566',
    });
    this.service = restored ? restoring(() => createTableService(options())) : createTableService(options());
  }

  /** The output, whatever shape it has; throws where the service refuses. */
  ok(operation: string, input: object): any {
    const reply = this.apply(operation, input);
    if (reply.error) throw new Error(`${operation}: ${reply.error.name}: ${reply.error.message}`);
    return reply.output;
  }

  /** The refusal; throws where the service does not refuse. */
  refused(operation: string, input: object): ServiceError {
    const reply = this.apply(operation, input);
    if (!reply.error) throw new Error(`${operation} was not refused: ${JSON.stringify(reply.output)}`);
    return reply.error;
  }

  /** The message of a ValidationException. */
  invalid(operation: string, input: object): string {
    const { name, message } = this.refused(operation, input);
    return name === 'ValidationException' ? message : `${name}: ${message}`;
  }

  wake(): void {
    this.take(this.service.wake(this.nowMs));
  }

  /** Asks what may be answered later; the answer then stands in `late`. Gives the request's id. */
  wait(operation: string, input: object): string {
    const requestId = `request ${++this.requests}`;
    const outcome = this.service.apply(this.nowMs, { operation, input, requestId });
    this.take(outcome);
    if (outcome.reply) this.late.set(requestId, outcome.reply.output ?? outcome.reply.error);
    return requestId;
  }

  readonly late = new Map<string, any>();

  private apply(operation: string, input: object) {
    const outcome = this.service.apply(this.nowMs, { operation, input, requestId: `request ${++this.requests}` });
    this.take(outcome);
    return outcome.reply!;
  }

  private take({ wakeAt, effects = [] }: Outcome): void {
    this.wakeAt = wakeAt;
    for (const effect of effects)
      if (effect.kind === 'reply') this.late.set(effect.requestId, effect.reply.output ?? effect.reply.error);
  }
}

const attributes = (types: Record<string, string>) =>
  Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
const keys = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range ? [{ AttributeName: range, KeyType: 'RANGE' }] : []),
];

/** pk (S) and sk (N); global indexes byHolder (holder, moment; all) and byKind (kind; keys and note); local index byGrade. */
export const ordersTable = {
  TableName: 'Orders',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: attributes({ pk: 'S', sk: 'N', holder: 'S', moment: 'N', kind: 'S', grade: 'S' }),
  KeySchema: keys('pk', 'sk'),
  GlobalSecondaryIndexes: [
    { IndexName: 'byHolder', KeySchema: keys('holder', 'moment'), Projection: { ProjectionType: 'ALL' } },
    {
      IndexName: 'byKind',
      KeySchema: keys('kind'),
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    },
  ],
  LocalSecondaryIndexes: [
    { IndexName: 'byGrade', KeySchema: keys('pk', 'grade'), Projection: { ProjectionType: 'KEYS_ONLY' } },
  ],
};

/** One partition key, `id` (S). */
export const plainTable = (name: string, more: object = {}) => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: attributes({ id: 'S' }),
  KeySchema: keys('id'),
  ...more,
});

/** A service with both tables. */
export function tables(): TestTables {
  const result = new TestTables();
  result.ok('CreateTable', ordersTable);
  result.ok('CreateTable', plainTable('Plain'));
  return result;
}
