/** What merchants, carriers and the bank are promised. By the rows, the gateway's books and what was published at the end. */
import type { AppView, FinalView, Property } from '../../../lib/sim';
import { historyOf, type Write } from '../history';

const closed = /^(confirmed|rejected)$/;

/** What is left to a person, rightly: nothing is promised for these bookings until somebody has looked. */
export function leftToPeople(view: AppView): Set<string> {
  const letters = view.deadLetters().filter(({ attributes }) => /^parked: /.test(attributes.reason ?? ''));
  return new Set(letters.map(({ attributes }) => attributes.correlation ?? ''));
}

const rows = (view: FinalView, name: string): any[] =>
  view.items(`${name}TableName`).filter((row: any) => row.deleted !== true);
const byId = (items: any[]): Map<string, any> => new Map(items.map((item) => [item.bookingId ?? item.id, item]));

const bookingsEnd: Property = {
  name: 'bookings-end',
  says: 'Every accepted booking ends confirmed or rejected, or is left to a person with an alarm.',
  check(view) {
    const people = leftToPeople(view);
    return rows(view, 'Booking')
      .filter(({ status, bookingId }) => !closed.test(status) && !people.has(bookingId))
      .map(({ bookingId, status }) => `booking '${bookingId}' is still ${status}`);
  },
};

const requestsAreAnswered: Property = {
  name: 'requests-are-answered',
  says: 'Every wish of a merchant is accepted or refused, or lies in the dead letters with its reason.',
  check(view) {
    const answers = new Set(historyOf(view).publications.map(({ meta }) => meta.cause));
    const known = new Set(
      historyOf(view)
        .writes.filter(({ id, after }) => id.startsWith('booking/open-booking#') && after?.status === 'handled')
        .map(({ after }) => after.eventId),
    );
    const letters = view.deadLetters().map(({ body }) => body);
    return view.sent
      .filter(({ detailType }) => detailType === 'BookingRequested')
      .flatMap(({ detail }) => {
        const { meta, data } = detail as any;
        if (answers.has(meta.id) || known.has(meta.id) || letters.some((body) => body.includes(`"${meta.id}"`)))
          return [];
        return [`request '${meta.id}' for booking '${data.bookingId}' was never answered`];
      });
  },
};

const merchantIsTold: Property = {
  name: 'merchant-is-told-once',
  says: 'How a booking ended is told once, and never both ways.',
  check(view) {
    const told = groupIds(view, /^Booking(Confirmed|Rejected)$/);
    return rows(view, 'Booking').flatMap(({ bookingId, status }) => {
      if (!closed.test(status)) return [];
      const types = [...(told.get(bookingId) ?? [])];
      const expected = status === 'confirmed' ? 'BookingConfirmed' : 'BookingRejected';
      return types.length === 1 && types[0]!.startsWith(expected)
        ? []
        : [`booking '${bookingId}' is ${status}, and its merchant was told: ${types.join(', ') || 'nothing'}`];
    });
  },
};

/** Distinct events of these types by booking: 'BookingConfirmed <id>'. */
function groupIds(view: FinalView, types: RegExp): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { type, id, meta, data } of historyOf(view).publications) {
    if (!types.test(type)) continue;
    const key = data.bookingId ?? data.parcelId;
    // An answer is told again to an attempt whose first one was lost (S1): one fact, under another id.
    found.set(key, (found.get(key) ?? new Set()).add(`${type} ${meta.inReplyTo ? JSON.stringify(data) : id}`));
  }
  return found;
}

const money: Property = {
  name: 'captured-is-confirmed-or-refunded',
  says: 'What was taken is the price of a confirmed booking, or was given back; nothing stays held.',
  check(view) {
    const people = leftToPeople(view);
    const accounts = new Map(view.items('GatewayTableName').map(({ id, account }: any) => [id, account]));
    return rows(view, 'Booking').flatMap(({ bookingId, status, priceCents }) => {
      if (people.has(bookingId) || !closed.test(status)) return [];
      const payments: { status: string; priceCents: number }[] = accounts.get(bookingId)?.payments ?? [];
      const captured = payments.filter((payment) => payment.status === 'captured').map((payment) => payment.priceCents);
      const held = payments.filter((payment) => payment.status === 'held').length;
      const wanted = status === 'confirmed' ? [priceCents] : [];
      if (held === 0 && JSON.stringify(captured) === JSON.stringify(wanted)) return [];
      return [
        `booking '${bookingId}' is ${status} at ${priceCents} cents; at the gateway ${captured.join(' + ') || 0} cents are taken and ${held} hold(s) stand`,
      ];
    });
  },
};

const rowKnowsTheMoney: Property = {
  name: 'payment-row-is-true',
  says: 'What we have written down about a payment is what the gateway has done.',
  check(view) {
    const people = leftToPeople(view);
    const payments = byId(rows(view, 'Payment'));
    return view.items('GatewayTableName').flatMap(({ id, account }: any) => {
      const row = payments.get(id);
      const [payment, ...more] = account.payments as { status: string }[];
      if (more.length > 0) return [`booking '${id}' has ${more.length + 1} payments at the gateway`];
      if (!payment || people.has(id)) return [];
      const expected = {
        held: /^authorised$|^declined$/,
        captured: /^captured$/,
        voided: /^voided$/,
        refunded: /^refunded$/,
      }[payment.status];
      return expected?.test(row?.status)
        ? []
        : [`booking '${id}': the gateway says ${payment.status}, our row ${row?.status ?? 'nothing'}`];
    });
  },
};

const capacity: Property = {
  name: 'capacity-is-never-leaked',
  says: "A lane's day has as many slots taken as there are reservations, never more than it has, never fewer than none.",
  check(view) {
    const reserved = rows(view, 'Reservation').filter(({ status }) => status === 'reserved');
    const bookings = byId(rows(view, 'Booking'));
    const people = leftToPeople(view);
    const lanes = rows(view, 'LaneDay').flatMap(({ id, reserved: taken, slots }) => {
      const mine = reserved.filter(({ laneId, dispatchDate }) => `${laneId}#${dispatchDate}` === id).length;
      return taken === mine && taken <= slots
        ? []
        : [`lane day '${id}' has ${taken} of ${slots} slots taken, and ${mine} reservation(s)`];
    });
    const kept = reserved.flatMap(({ bookingId }) => {
      const status = bookings.get(bookingId)?.status;
      return status === 'rejected' && !people.has(bookingId)
        ? [`booking '${bookingId}' is rejected, and keeps its slot`]
        : [];
    });
    const confirmed = [...bookings.values()].flatMap(({ bookingId, status }) =>
      status === 'confirmed' && !reserved.some((one) => one.bookingId === bookingId)
        ? [`booking '${bookingId}' is confirmed, and has no slot`]
        : [],
    );
    const past = writesOf(view, 'LaneDay').flatMap(({ at, id, after }) =>
      after.reserved < 0 || after.reserved > after.slots
        ? [`lane day '${id}' had ${after.reserved} of ${after.slots} slots taken at ${new Date(at).toISOString()}`]
        : [],
    );
    return [...lanes, ...kept, ...confirmed, ...past];
  },
};

const writesOf = (view: FinalView, name: string): Write[] => {
  const table = view.output(`${name}TableName`);
  return historyOf(view).writes.filter((write) => write.table === table);
};

const refusedOnlyWhenFull: Property = {
  name: 'refused-only-when-full',
  says: 'A slot is refused only when, at that moment, the lane has none (T2).',
  check(view) {
    const lanes = new Map<string, any>();
    const found: string[] = [];
    const table = view.output('LaneDayTableName');
    for (const { table: of, id, after, before } of historyOf(view).writes) {
      if (of === table) lanes.set(id, after);
      if (of !== view.output('ReservationTableName') || after.status !== 'refused' || before) continue;
      const lane = lanes.get(`${after.laneId}#${after.dispatchDate}`);
      if (lane && lane.reserved < lane.slots)
        found.push(
          `booking '${after.bookingId}' was refused a slot of ${after.laneId}, which had ${lane.slots - lane.reserved} left`,
        );
    }
    return found;
  },
};

/** From which status a row may come to which; what is not named here may not follow. */
const ways: Record<string, Record<string, RegExp>> = {
  Booking: {
    none: /^(open|rejected)$/,
    open: /^(open|cancelling|confirmed|rejected)$/,
    cancelling: /^(cancelling|confirmed|rejected)$/,
  },
  Reservation: { none: /^(reserved|refused|cancelled)$/, reserved: /^released$/ },
  Label: { none: /^(rendered|void)$/, rendered: /^void$/, void: /^void$/ },
  Dispatch: { none: /^(waiting|dispatched|missed)$/, waiting: /^(waiting|dispatched|missed)$/ },
};

const rowsGoOneWay: Property = {
  name: 'ends-are-final',
  says: 'What has ended stays ended: a parcel is dispatched or missed, once; a slot is given back once; a label is drawn once.',
  check: (view) =>
    Object.entries(ways).flatMap(([name, allowed]) =>
      writesOf(view, name).flatMap(({ id, before, after }) => {
        const from: string = before?.status ?? 'none';
        return allowed[from]?.test(after.status) ? [] : [`${name} '${id}' went from ${from} to ${after.status}`];
      }),
    ),
};

const dispatchSays = /^(ParcelDispatched|DispatchMissed)$/;

const onceOnly: Property = {
  name: 'told-once',
  says: 'At most one label, one dispatch, one capture, one refund, one slot taken and one given back for a booking.',
  check(view) {
    const once =
      /^(LabelRendered|LabelVoided|ParcelDispatched|DispatchMissed|PaymentAuthorised|PaymentCaptured|PaymentRefunded|PaymentVoided|CapacityReserved|CapacityReleased|BookingOpened)$/;
    const said = new Map<string, Set<string>>();
    for (const { type, id, meta, data } of historyOf(view).publications) {
      if (!once.test(type)) continue;
      const key = `${type} of '${data.bookingId}'`;
      // An answer is given to each who asks, under an id of its own (S1): it is one fact all the same. Dispatch is asked
      // anew by each attempt, and answers from its row.
      const fact = dispatchSays.test(type) ? JSON.stringify(data) : `answer to ${meta.cause}`;
      said.set(key, (said.get(key) ?? new Set()).add(meta.inReplyTo ? fact : id));
    }
    return [...said]
      .filter(([, ids]) => ids.size > 1)
      .map(([key, ids]) => `${key} was published under ${ids.size} ids: '${[...ids].join("', '")}'`);
  },
};

const dispatchedOnlyWhole: Property = {
  name: 'dispatched-only-whole',
  says: 'A parcel leaves only with slot, payment and label.',
  check(view) {
    const labels = byId(rows(view, 'Label'));
    const slots = byId(rows(view, 'Reservation'));
    const accounts = new Map(view.items('GatewayTableName').map(({ id, account }: any) => [id, account]));
    const early = writesOf(view, 'Dispatch').flatMap(({ id, after, at }) =>
      after.status === 'dispatched' && after.have?.length !== 3
        ? [
            `booking '${id}' was dispatched at ${new Date(at).toISOString()} knowing of ${after.have?.join(', ') || 'nothing'} only`,
          ]
        : [],
    );
    const lacking = rows(view, 'Dispatch')
      .filter(({ status }) => status === 'dispatched')
      .flatMap(({ bookingId }) => {
        const lacks = [
          labels.get(bookingId)?.status !== 'rendered' && 'a valid label',
          slots.get(bookingId)?.status !== 'reserved' && 'a slot',
          !accounts.get(bookingId)?.payments.some(({ status }: any) => status === 'captured') && 'its payment',
        ].filter(Boolean);
        return lacks.length > 0 ? [`booking '${bookingId}' was dispatched without ${lacks.join(', ')}`] : [];
      });
    return [...early, ...lacking];
  },
};

const labelsAreStored: Property = {
  name: 'labels-are-stored',
  says: 'A label that is said to be drawn can be fetched.',
  check(view) {
    const Bucket = view.output('LabelsBucketName');
    return rows(view, 'Label')
      .filter(({ status, key }) => status === 'rendered' && key)
      .flatMap(({ bookingId, key: Key }) => {
        try {
          view.read('s3', 'HeadObject', { Bucket, Key });
          return [];
        } catch (error) {
          return [`the label of '${bookingId}' is said to be ${Key}, and is not there: ${(error as Error).name}`];
        }
      });
  },
};

/** How long a booking has: lib/config.ts, the default. */
const deadlineMs = 1_800_000;

const deadlineIsKept: Property = {
  name: 'deadline-is-not-early',
  says: 'A booking is not called off for its deadline before the deadline.',
  check(view) {
    const { publications } = historyOf(view);
    const asked = new Map<string, number>();
    for (const { type, data, meta } of publications) {
      if (/^(BookingOpened|CapacityRequested)$/.test(type)) asked.set(data.bookingId, Date.parse(meta.time));
    }
    return publications
      .filter(({ type, data }) => type === 'DispatchMissed' && /deadline/.test(data.reason))
      .filter(({ data, at }) => at < (asked.get(data.bookingId) ?? 0) + deadlineMs - 2_000)
      .map(
        ({ data, at }) =>
          `booking '${data.bookingId}' missed its deadline ${Math.round((at - asked.get(data.bookingId)!) / 1000)} s after it was asked for`,
      );
  },
};

const tracking: Property = {
  name: 'tracking-is-order-independent',
  says: 'Where a parcel is follows from its scans, in whatever order they come; it is delivered once.',
  check(view) {
    const found: string[] = [];
    const accepted = new Map<string, any[]>();
    const lost = view.deadLetters().map(({ body }) => body);
    for (const { detailType, detail } of view.sent) {
      if (detailType !== 'ParcelScanned') continue;
      const { meta, data } = detail as any;
      if (lost.some((body) => body.includes(`"${meta.id}"`))) continue;
      accepted.set(data.parcelId, [...(accepted.get(data.parcelId) ?? []), data]);
    }
    const parcels = new Map(rows(view, 'Parcel').map((row) => [row.parcelId, row]));
    for (const [parcelId, scans] of accepted) {
      const row = parcels.get(parcelId);
      const delivered = scans.filter(({ status }) => status === 'delivered');
      const last = (delivered.length > 0 ? delivered : scans).reduce((a, b) => (b.sequence > a.sequence ? b : a));
      if (row?.sequence !== last.sequence || row?.status !== last.status) {
        found.push(
          `parcel '${parcelId}' is ${row ? `${row.status} by scan ${row.sequence}` : 'unknown'}; its scans say ${last.status} by scan ${last.sequence}`,
        );
      }
      const kept = new Set(row?.scans?.map(({ sequence }: any) => sequence));
      const missing = scans.filter(({ sequence }) => !kept.has(sequence));
      if (missing.length > 0)
        found.push(`parcel '${parcelId}' lacks scan(s) ${missing.map(({ sequence }) => sequence).join(', ')}`);
    }
    for (const [parcelId, ids] of groupIds(view, /^ParcelDelivered$/)) {
      if (ids.size > 1) found.push(`parcel '${parcelId}' was delivered ${ids.size} times`);
    }
    return found;
  },
};

/** Of what people were meant to see, and of nothing else. */
const rightly =
  /^parked: |was seen with other content|^meta\.hop is|^meta\.expires is|^data\.|^event type |is too old|which has passed/;

const deadLettersAreMeant: Property = {
  name: 'dead-letters-are-meant',
  says: 'After a redrive with nothing broken, only what can never be handled is left in dead letters, with its reason.',
  check: (view) =>
    view
      .deadLetters()
      .filter(({ output, attributes }) => output !== 'UnroutedEventsUrl' && !rightly.test(attributes.reason ?? ''))
      .map(
        ({ output, attributes, body }) =>
          `${output ?? 'a queue'} holds ${typeIn(body)} with ${attributes.reason ? `the reason '${attributes.reason}'` : 'no reason'}`,
      ),
};

const typeIn = (body: string): string => {
  try {
    const { 'detail-type': type, detail } = JSON.parse(body);
    return `${type} '${detail?.meta?.id}'`;
  } catch {
    return body.slice(0, 60);
  }
};

const nonsenseIsKept: Property = {
  name: 'nonsense-is-kept',
  says: 'What no consumer can take lies where people look, whole.',
  check(view) {
    const letters = view.deadLetters();
    const wrong = view.sent.filter(({ detailType, detail }) => {
      const { meta, data } = detail as any;
      return (
        detailType === 'BookingRequsted' ||
        meta.hop > 16 ||
        (detailType === 'BookingRequested' && typeof data.priceCents !== 'number')
      );
    });
    const refused = wrong.flatMap(({ detailType, detail }) => {
      const { id } = (detail as any).meta;
      return letters.some(({ body }) => body.includes(`"${id}"`))
        ? []
        : [`${detailType} '${id}', which nobody can handle, is gone`];
    });
    return [...refused, ...twoContents(view, letters)];
  },
};

/** T6: one id, two contents: one of them is handled, and the other lies in the dead letters. */
function twoContents(view: FinalView, letters: readonly { body: string }[]): string[] {
  const contents = new Map<string, Map<string, number>>();
  for (const { detail, detailType } of view.sent) {
    const { meta, data } = detail as any;
    if (detailType !== 'BookingRequested') continue;
    const mine = contents.get(meta.id) ?? new Map();
    contents.set(meta.id, mine.set(JSON.stringify(data), data.priceCents));
  }
  return [...contents].flatMap(([id, mine]) => {
    const [first, ...others] = [...mine.values()];
    if (others.length === 0) return [];
    const lying = [first!, ...others].filter((price) =>
      letters.some(({ body }) => body.includes(`"${id}"`) && body.includes(`"priceCents":${price},`)),
    );
    return lying.length >= others.length
      ? []
      : [`'${id}' was published with ${mine.size} contents, and ${lying.length} of them lie in dead letters`];
  });
}

export const businessProperties: readonly Property[] = [
  bookingsEnd,
  requestsAreAnswered,
  merchantIsTold,
  money,
  rowKnowsTheMoney,
  capacity,
  refusedOnlyWhenFull,
  rowsGoOneWay,
  onceOnly,
  dispatchedOnlyWhole,
  labelsAreStored,
  deadlineIsKept,
  tracking,
  nonsenseIsKept,
  deadLettersAreMeant,
];
