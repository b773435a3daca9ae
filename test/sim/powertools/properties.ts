/** What the shop may expect of a consumer that is called idempotent: read from the trace, the bank and the dead letters. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { FinalView, Property } from '../../../lib/sim';
import type { Order } from './charge';

const iso = (ms: number): string => new Date(ms).toISOString();
const nameOf = ({ basket, sale }: Order): string => (basket ?? sale)!;
const counted = (names: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};
const charges = (view: FinalView): Map<string, number> =>
  counted(view.messages('BankUrl').map(({ body }) => JSON.parse(body).order));

/** A line of charge.ts. */
interface Said {
  at: number;
  invocationId: string;
  message: 'charged' | 'refused' | 'failed';
  order: string;
  error?: string;
}

function saidIn(view: FinalView): Said[] {
  return (view.trace as readonly any[]).flatMap(({ kind, at, invocationId, message }) => {
    // As Lambda writes what a function logs: time, request, level and text, with tabs between them.
    const text = kind === 'log' ? String(message).split('\t').at(-1)! : '';
    return text.startsWith('{') ? [{ at, invocationId, ...JSON.parse(text) }] : [];
  });
}

export const chargedOnce: Property = {
  name: 'charged-once',
  says: 'The bank is told once to charge an order.',
  check: (view) =>
    [...charges(view)]
      .filter(([, times]) => times > 1)
      .map(([order, times]) => `order '${order}' was charged ${times} times`),
};

export const noneIsForgotten: Property = {
  name: 'none-is-forgotten',
  says: 'Every order is charged, or lies in the dead letters.',
  check(view) {
    const charged = charges(view);
    const letters = view.messages('DeadLettersUrl').map(({ body }) => nameOf(JSON.parse(body).detail));
    return [...new Set(view.sent.map(({ detail }) => nameOf(detail as Order)))]
      .filter((order) => !charged.has(order) && !letters.includes(order))
      .map((order) => `order '${order}' was acknowledged, and never charged`);
  },
};

export const refusalsAreSaid: Property = {
  name: 'refusals-are-said',
  says: 'An attempt that refused an order is reported by the reason of the refusal.',
  check(view) {
    const said = saidIn(view);
    const refused = new Set(
      said.filter(({ message }) => message === 'refused').map(({ invocationId, order }) => `${invocationId} ${order}`),
    );
    return said
      .filter(({ message, invocationId, order, error }) => {
        // The second of a pair in one batch is refused by nobody: another property looks at it.
        const other = error === 'CustomerUnknown' || error === 'IdempotencyAlreadyInProgressError';
        return message === 'failed' && !other && refused.has(`${invocationId} ${order}`);
      })
      .map(
        ({ order, error, at }) => `order '${order}' was refused (CustomerUnknown), and reported ${error} at ${iso(at)}`,
      );
  },
};

export const completedStays: Property = {
  name: 'completed-stays',
  says: 'The record of an order that is done is not removed before it expires.',
  check(view) {
    const table = view.output('IdempotencyTableName');
    const completed = new Map<string, { order: string; by: string; at: number }>();
    const found: string[] = [];
    for (const { kind, service, operation, input, error, origin, at } of view.trace as readonly any[]) {
      if (kind !== 'api' || service !== 'dynamodb' || error || input.TableName !== table) continue;
      const id: string = (input.Key ?? input.Item).id.S;
      const record = completed.get(id);
      // A new claim takes the place of an expired one only.
      if (operation === 'PutItem') completed.delete(id);
      if (operation === 'UpdateItem') {
        const { ':status': status, ':response_data': data } = unmarshall(input.ExpressionAttributeValues);
        if (status === 'COMPLETED') completed.set(id, { order: data.order, by: origin.invocationId, at });
      }
      if (operation !== 'DeleteItem' || !record) continue;
      completed.delete(id);
      found.push(
        `the record of '${record.order}' was completed at ${iso(record.at)}, and removed at ${iso(at)} by ${origin.invocationId === record.by ? 'its owner' : 'an earlier owner'}`,
      );
    }
    return found;
  },
};

export const pairIsNoFailure: Property = {
  name: 'pair-is-no-failure',
  says: 'A message is not reported as failed where the same batch has charged its order.',
  check(view) {
    const said = saidIn(view);
    const charged = new Set(
      said.filter(({ message }) => message === 'charged').map(({ invocationId, order }) => `${invocationId} ${order}`),
    );
    return said
      .filter(({ message, invocationId, order }) => message === 'failed' && charged.has(`${invocationId} ${order}`))
      .map(
        ({ order, error, at }) =>
          `order '${order}' was charged, and its copy in the batch reported ${error} at ${iso(at)}`,
      );
  },
};
