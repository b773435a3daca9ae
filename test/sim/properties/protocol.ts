/**
 * The rules of the delivery protocol (docs/protocol.md), each as something that can be seen from outside a function: in
 * what was written, published, answered, and left in queues. Expectations are written by hand, from the rules.
 */
import { createHash } from 'node:crypto';
import { consumers } from '../../../lib/contracts';
import { delivery } from '../../../lib/contracts/delivery';
import type { IdempotencyRecord } from '../../../lib/contracts/record';
import type { Millis } from '../../../lib/local/ports';
import type { FinalView, Property } from '../../../lib/sim';
import { outputName } from '../../../lib/stacks/names';
import { consumerOf, type History, historyOf, type Invocation, type RecordWrite, recordWritesOf } from '../history';

/** Clocks of functions differ by so much in a run (lib/sim/faults/moments.ts), and so does what they write down. */
const skewMs = 2_000;
/** From the moment in which a function reads its clock to what it writes last. */
const longestWorkMs = 20_000;

const property = (name: string, says: string, check: (history: History, view: FinalView) => string[]): Property => ({
  name,
  says,
  check: (view) => check(historyOf(view), view),
});

const iso = (ms: number): string => new Date(ms).toISOString();
const isCommit = (write: RecordWrite): boolean => write.transaction !== undefined && write.after.status === 'handled';
const ofEvent = (record: IdempotencyRecord): string => `${record.consumer} at ${record.type} '${record.eventId}'`;

const handledOnce = property(
  'handled-once',
  'A consumer handles an event once, however often and under whatever EventBridge id it comes (T1, T4).',
  (history) => {
    const first = new Map<string, RecordWrite>();
    return recordWritesOf(history)
      .filter(isCommit)
      .flatMap((write) => {
        const { consumer, eventId } = write.after;
        const before = first.get(`${consumer}#${eventId}`);
        if (!before) {
          first.set(`${consumer}#${eventId}`, write);
          return [];
        }
        return [`${ofEvent(write.after)} was committed at ${iso(before.at)}, and again at ${iso(write.at)}`];
      });
  },
);

const owedIsPublished = property(
  'owed-is-published',
  'Every event that a committed record owes has been published, under the id that the record says (T1, T3).',
  (history, view) => {
    const published = new Set(history.publications.map(({ id }) => id));
    const answered = new Set(
      history.publications.filter(({ meta }) => meta.inReplyTo).map(({ meta, type }) => `${meta.cause} ${type}`),
    );
    return recordWritesOf(history)
      .filter(isCommit)
      .flatMap(({ after }) =>
        (after.owed ?? [])
          .filter(({ id, type, dueAtMs }) => {
            if (published.has(id) || (dueAtMs ?? 0) > view.now() - 120_000) return false;
            // An answer goes to whoever asked last, under an id of its own (S1).
            return !answered.has(`${after.eventId} ${type}`);
          })
          .map(({ type, id }) => `${ofEvent(after)} of '${after.key}' owes ${type} '${id}', which was never published`),
      );
  },
);

const publishedWasOwed = property(
  'published-was-owed',
  'A consumer publishes only what a committed record owes, and not before it is committed (step 4).',
  (history) => {
    const emitted = new Set(
      consumers.flatMap(({ emits, schedules }) => [...emits, ...schedules].map(({ name }) => name)),
    );
    const owed = new Map<string, number>();
    for (const { after, at } of recordWritesOf(history).filter(isCommit)) {
      for (const { type } of after.owed ?? []) {
        const key = `${after.eventId} ${type}`;
        owed.set(key, Math.min(owed.get(key) ?? at, at));
      }
    }
    return history.publications
      .filter(({ type, meta }) => emitted.has(type) && typeof meta.cause === 'string')
      .flatMap(({ type, id, meta, at }) => {
        const since = owed.get(`${meta.cause} ${type}`);
        if (since !== undefined && since <= at) return [];
        return [
          `${type} '${id}' of '${meta.key}' was published at ${iso(at)}; ${since === undefined ? 'no committed record owes it' : `its record was committed at ${iso(since)}`}`,
        ];
      });
  },
);

const derivedIds = property(
  'ids-are-derived',
  'The id of an event that follows is derived from consumer, cause and ordinal: whoever publishes it, and however often (step 4).',
  (history) =>
    recordWritesOf(history)
      .filter(isCommit)
      .flatMap(({ after }) =>
        (after.owed ?? []).flatMap((event, ordinal) => {
          const { meta } = JSON.parse(event.detail);
          // An answer has an id for each token that is answered (S1).
          const parts = [after.consumer, after.eventId, ordinal, ...(meta.inReplyTo ? [meta.inReplyTo.token] : [])];
          const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
          const same = event.id.replaceAll('-', '').startsWith(hex.slice(0, 12)) && meta.id === event.id;
          return same ? [] : [`${ofEvent(after)}: event ${ordinal}, ${event.type}, has the id '${event.id}'`];
        }),
      ),
);

const paidBeforeAcknowledged = property(
  'paid-before-acknowledged',
  'A message is acknowledged when what it owes is published, not before (step 6).',
  (history) => {
    const open = new Map<string, RecordWrite>();
    const found: string[] = [];
    const byInvocation = groupedBy(recordWritesOf(history), ({ invocationId }) => invocationId);
    for (const [id, writes] of byInvocation) {
      const invocation = history.invocations.get(id);
      // Of a batch that failed in part it is not said here which message was whose.
      if (!invocation?.endedMs || invocation.crashed || invocation.failed.length > 0) continue;
      open.clear();
      for (const write of writes) {
        if (write.after.unpaid && isCommit(write)) open.set(write.id, write);
      }
      for (const [record, write] of open) {
        const paid = recordWritesOf(history).find(
          (later) =>
            later.id === record && !later.after.unpaid && later.at >= write.at && later.at <= invocation.endedMs!,
        );
        if (!paid) {
          found.push(
            `${ofEvent(write.after)} of '${write.after.key}' was acknowledged at ${iso(invocation.endedMs)}, and still owed ${write.after.owed?.length} event(s)`,
          );
        }
      }
    }
    return found;
  },
);

const nothingOpen = property(
  'nothing-left-open',
  'When all is quiet, no record owes events and no claim waits (T3).',
  (_, view) =>
    view.items<IdempotencyRecord>('RecordTableName').flatMap((record) => {
      if (record.unpaid && record.status === 'handled')
        return [
          `${ofEvent(record)} of '${record.key}' still owes ${record.owed?.length} event(s), since ${iso(record.atMs)}`,
        ];
      if (record.status === 'claimed' && record.firstCallAtMs !== undefined)
        return [`${ofEvent(record)} of '${record.key}' is still claimed, since ${iso(record.atMs)}`];
      return [];
    }),
);

const openRecordsStay = property(
  'open-records-stay',
  'A record that owes, is claimed or is parked does not expire (T3, C6).',
  (history) =>
    recordWritesOf(history)
      .filter(({ after }) => after.expiresAt !== undefined && (after.unpaid || /^(claimed|parked)$/.test(after.status)))
      .map(
        ({ after }) =>
          `${ofEvent(after)} is ${after.unpaid ? 'unpaid' : after.status}, and expires at ${iso(after.expiresAt! * 1000)}`,
      ),
);

const recordsOutlive = property(
  'records-outlive-copies',
  'A record lives longer than any copy of its event can travel, and what is older than that is not handled any more (T4).',
  (history, view) => {
    const travel = new Map<string, number>();
    const travelMs = (consumer: string): number => {
      const known = travel.get(consumer);
      if (known !== undefined) return known;
      const retention = (output: string): number => Number(attributeOf(view, output, 'MessageRetentionPeriod'));
      const queue = retention(`${outputName(consumer)}QueueUrl`);
      const letters = retention(`${outputName(consumer)}DeadLettersUrl`);
      // EventBridge tries for a day at most, then the queue, the dead letters, and the queue once more.
      const ms = (86_400 + queue + letters + queue) * 1000;
      travel.set(consumer, ms);
      return ms;
    };
    return recordWritesOf(history)
      .filter(({ after }) => after.status === 'handled' && consumerOf(after.consumer))
      .flatMap(({ after }) => {
        const longest = travelMs(after.consumer);
        const from = Math.max(after.atMs, after.eventAtMs);
        if (after.expiresAt !== undefined && after.expiresAt * 1000 < from + longest) {
          return [
            `${ofEvent(after)} expires at ${iso(after.expiresAt * 1000)}; a copy may come until ${iso(from + longest)}`,
          ];
        }
        if (after.atMs - after.eventAtMs > longest) {
          return [
            `${ofEvent(after)} was handled at ${iso(after.atMs)}, ${Math.round((after.atMs - after.eventAtMs) / 86_400_000)} days after the event`,
          ];
        }
        return [];
      });
  },
);

const expiredIsRefused = property(
  'expired-is-refused',
  'An event is not handled after the moment that its publisher gave it (meta.expires).',
  (history) => {
    const expires = new Map(history.publications.map(({ id, meta }) => [id, meta.expires && Date.parse(meta.expires)]));
    return recordWritesOf(history)
      .filter(isCommit)
      .filter(
        ({ after, at }) =>
          (expires.get(after.eventId) ?? Number.POSITIVE_INFINITY) < Math.min(at, after.atMs) - longestWorkMs,
      )
      .map(
        ({ after, at }) =>
          `${ofEvent(after)} was handled at ${iso(at)}; it expired at ${iso(expires.get(after.eventId)!)}`,
      );
  },
);

const hopsEnd = property('hops-end', 'No chain of events is longer than the limit: a loop ends.', (history) =>
  recordWritesOf(history)
    .filter(({ after }) => after.status === 'handled' && after.hop > delivery.maxHops)
    .map(({ after }) => `${ofEvent(after)} was handled at hop ${after.hop}; the limit is ${delivery.maxHops}`),
);

const conflictsAreSettled = property(
  'conflicts-are-settled-inside',
  'A conflict is read, decided and committed again inside the invocation, and costs no receive (T5, C5).',
  (history) =>
    history.refusals.flatMap((refusal) => {
      const [record, ...rows] = refusal.items;
      const invocation = history.invocations.get(refusal.invocationId);
      const passing = rows.some(({ code }) => /^(ConditionalCheckFailed|TransactionConflict)$/.test(code));
      if (!record || record.table !== history.recordTable || record.code === 'ConditionalCheckFailed' || !passing)
        return [];
      if (!invocation?.endedMs || invocation.crashed) return [];
      if (invocation.faultsMs.some((at) => at >= refusal.at)) return [];
      const leftMs =
        (consumerOf(record.id.split('#')[0]!)?.timeoutSeconds ?? 10) * 1000 -
        (invocation.endedMs - invocation.startedMs);
      if (leftMs < 6_000) return [];
      const again =
        history.refusals.some((later) => later !== refusal && later.at >= refusal.at && touches(later, refusal)) ||
        history.writes.some(
          (later) => later.invocationId === refusal.invocationId && later.at >= refusal.at && later.id === record.id,
        );
      // Somebody else may have handled it meanwhile: then nothing is left to commit.
      const done = history.writes.some(
        (write) => write.id === record.id && write.at <= invocation.endedMs! && write.after.status === 'handled',
      );
      if (again || done) return [];
      return [
        `'${record.id}' met a conflict at ${iso(refusal.at)} and was given back to its queue, ${leftMs} ms before the deadline`,
      ];
    }),
);

const touches = (one: History['refusals'][number], other: History['refusals'][number]): boolean =>
  one.invocationId === other.invocationId && one.items[0]?.id === other.items[0]?.id;

const noOwnContention = property(
  'no-contention-in-a-batch',
  'Messages of one batch that share an id or a row do not conflict with each other (T6).',
  (history) =>
    history.refusals.flatMap(({ items, invocationId, at }) => {
      const faults = history.invocations.get(invocationId)?.faultsMs ?? [];
      // After a lost answer a function meets what it has itself written.
      if (faults.length > 0 || items[0]?.table !== history.recordTable) return [];
      const own = items.find(
        ({ code, lastWriter }) => code === 'ConditionalCheckFailed' && lastWriter?.invocationId === invocationId,
      );
      return own
        ? [`at ${iso(at)} '${items[0]!.id}' was refused for '${own.id}', which the same invocation had written`]
        : [];
    }),
);

const claimsAreKept = property(
  'claims-are-kept',
  'A claim ends by its owner, or when its lease is over; only its owner completes it (C1, C2, C3).',
  (history) =>
    recordWritesOf(history).flatMap((write) => {
      const { before, after, at, invocationId, lastWriter } = write;
      if (before?.status === 'parked' && write.transaction !== undefined)
        return [`${ofEvent(after)} was parked and became ${after.status} without a person`];
      if (before?.status !== 'claimed' || before.firstCallAtMs === undefined) return [];
      const own = lastWriter?.invocationId === invocationId;
      const runs = before.leaseUntilMs! - skewMs > at;
      if (after.status === 'handled' && !own)
        return [`${ofEvent(after)} was completed by ${invocationId}, and claimed by ${lastWriter?.invocationId}`];
      if (/^(claimed|parked)$/.test(after.status) && !own && runs)
        return [
          `${ofEvent(after)} became ${after.status} at ${iso(at)} by another, and its lease ran until ${iso(before.leaseUntilMs!)}`,
        ];
      return [];
    }),
);

const askedAgainOnlyIf = property(
  'asked-again-only-where-remembered',
  'A gateway is asked again only where the declaration says so, and while it remembers the key (C3).',
  (history) =>
    recordWritesOf(history).flatMap(({ before, after, invocationId, lastWriter }) => {
      if (before?.status !== 'claimed' || before.firstCallAtMs === undefined || after.status !== 'claimed') return [];
      if (lastWriter?.invocationId === invocationId) return [];
      const outside = consumerOf(after.consumer)?.outside;
      if (!outside) return [];
      if (outside.ifOwnerDied === 'park')
        return [`${ofEvent(after)} of '${after.key}' is asked again, and is declared 'park'`];
      const until = before.firstCallAtMs + outside.gatewayRemembersSeconds * 1000;
      return after.leaseUntilMs! > until + skewMs
        ? [
            `${ofEvent(after)} of '${after.key}' is asked again until ${iso(after.leaseUntilMs!)}; the ${outside.gateway} remembers the key until ${iso(until)}`,
          ]
        : [];
    }),
);

const callsLandUnderClaims = property(
  'calls-land-under-their-claim',
  'A call to the gateway takes effect while the claim for it stands: never after its lease, nor after it was given up (C1, C2).',
  (history, view) => {
    const gateway = view.output('GatewayTableName');
    const claims = new Map<string, RecordWrite>();
    const current = new Map<string, IdempotencyRecord>();
    const landed = new Map<string, number>();
    const found: string[] = [];
    for (const write of history.writes) {
      if (write.table === history.recordTable) {
        const { after, invocationId } = write as RecordWrite;
        current.set(write.id, after);
        const claim = claims.get(invocationId + after.key);
        const isRelease = after.status === 'claimed' && after.firstCallAtMs === undefined;
        if (after.status === 'claimed' && !isRelease) claims.set(invocationId + after.key, write as RecordWrite);
        if (isRelease && claim?.id === write.id && (landed.get(invocationId + after.key) ?? 0) >= claim.at) {
          found.push(
            `${ofEvent(after)} of '${after.key}' gave its claim up at ${iso(write.at)}, and the gateway had carried it out`,
          );
        }
      }
      if (write.table !== gateway) continue;
      const claim = claims.get(write.invocationId + write.id);
      landed.set(write.invocationId + write.id, write.at);
      if (!claim) {
        // What was abandoned at a deadline goes on when its environment is thawed for another invocation.
        found.push(
          `the gateway carried out an order for '${write.id}' at ${iso(write.at)}, in invocation ${write.invocationId}, which had claimed nothing for it`,
        );
        continue;
      }
      const now = current.get(claim.id);
      if (now?.status === 'handled') continue;
      if (claim.after.leaseUntilMs! < write.at - skewMs)
        found.push(
          `${ofEvent(claim.after)}: the gateway carried it out at ${iso(write.at)}, after its lease (${iso(claim.after.leaseUntilMs!)})`,
        );
      else if (now?.status === 'parked' || now?.firstCallAtMs === undefined)
        found.push(
          `${ofEvent(claim.after)}: the gateway carried it out at ${iso(write.at)}, and its claim was given up before`,
        );
    }
    return found;
  },
);

const leaseCoversFlight = property(
  'leases-cover-the-flight',
  'A claim lasts, from when it was made, at least as long as a call may be under way (C1).',
  (history) =>
    recordWritesOf(history).flatMap(({ before, after }) => {
      const flightMs = (consumerOf(after.consumer)?.outside?.flightSeconds ?? 0) * 1000;
      // Its owner may end it sooner, on proof that nothing was done (C2).
      if (after.status !== 'claimed' || before?.owner === after.owner) return [];
      // Both are of the owner's clock.
      const endMs = after.leaseUntilMs ?? after.atMs;
      if (endMs >= after.atMs + flightMs) return [];
      return [
        `${ofEvent(after)} of '${after.key}' is claimed at ${iso(after.atMs)} until ${iso(endMs)}; a call may be under way for ${flightMs} ms`,
      ];
    }),
);

const leaseFitsVisibility = property(
  'leases-end-before-redelivery',
  'A message comes back when the claim that it made is over, not before (C4).',
  (history, view) =>
    recordWritesOf(history).flatMap(({ after, invocationId }) => {
      const invocation = history.invocations.get(invocationId);
      if (after.status !== 'claimed' || after.firstCallAtMs === undefined || !invocation) return [];
      const visibleMs = Number(attributeOf(view, `${outputName(after.consumer)}QueueUrl`, 'VisibilityTimeout')) * 1000;
      const back = invocation.startedMs + visibleMs;
      return after.leaseUntilMs! > back + skewMs
        ? [
            `${ofEvent(after)} is claimed until ${iso(after.leaseUntilMs!)}; its message is visible again at ${iso(back)}`,
          ]
        : [];
    }),
);

const oneAtATime = property(
  'ordered-one-at-a-time',
  'The events of one key of an ordered consumer are handled one at a time.',
  (history) => {
    // A message whose visibility ends in mid-work is handled twice at once, and nothing can be done about it: from then on
    // its group is open, and whatever of it is handled meanwhile is at once with the first.
    const given = groupedBy(
      [...history.invocations.values()].flatMap((invocation) =>
        invocation.messages.map((message) => ({ message, invocation })),
      ),
      ({ message }) => message,
    );
    const outlived = (one: Invocation, untilMs: Millis): boolean =>
      one.messages.some((message) =>
        given.get(message)!.some(({ invocation: { startedMs } }) => startedMs > one.startedMs && startedMs <= untilMs),
      );
    const found = new Set<string>();
    for (const consumer of consumers.filter(({ ordered }) => ordered)) {
      const last = new Map<string, Invocation>();
      const mine = recordWritesOf(history).filter((write) => write.after.consumer === consumer.id && isCommit(write));
      for (const { after, invocationId } of mine) {
        const invocation = history.invocations.get(invocationId);
        const before = last.get(after.key);
        if (!invocation) continue;
        last.set(after.key, invocation);
        if (!before || before === invocation) continue;
        const [one, two] = before.startedMs <= invocation.startedMs ? [before, invocation] : [invocation, before];
        if (two.startedMs < (one.endedMs ?? one.startedMs) && !outlived(one, two.startedMs)) {
          found.add(
            `${consumer.id} worked on '${after.key}' in two invocations at once, ${one.invocationId} and ${two.invocationId}, at ${iso(two.startedMs)}`,
          );
        }
      }
    }
    return [...found];
  },
);

function attributeOf(view: FinalView, output: string, name: string): string {
  const { Attributes } = view.read('sqs', 'GetQueueAttributes', {
    QueueUrl: view.output(output),
    AttributeNames: [name],
  });
  return Attributes[name];
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

export const protocolProperties: readonly Property[] = [
  handledOnce,
  owedIsPublished,
  publishedWasOwed,
  derivedIds,
  paidBeforeAcknowledged,
  nothingOpen,
  openRecordsStay,
  recordsOutlive,
  expiredIsRefused,
  hopsEnd,
  conflictsAreSettled,
  noOwnContention,
  claimsAreKept,
  askedAgainOnlyIf,
  callsLandUnderClaims,
  leaseCoversFlight,
  leaseFitsVisibility,
  oneAtATime,
];
