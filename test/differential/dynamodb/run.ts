/** Runs one case against both and says where they part. */
import type { Answer, Tables } from './amazon';
import { type Difference, differences, isUnordered } from './compare';
import type { Case, Request } from './generate/requests';
import { type KnownDifference, knownAs, stuck } from './known-differences';
import { ourTables } from './ours';

export interface Met {
  request: Request;
  ours: Answer;
  theirs: Answer;
  unknown: Difference[];
  known: KnownDifference[];
}

const pagesAtMost = 20;
const writes = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

/**
 * Asks both, request by request. `onReply` hears of every exchange. Ends early where the two hold different data from
 * then on: after an unexplained difference of a write, and after a known one that says so.
 */
export async function runCase(one: Case, amazon: Tables, onReply: (met: Met) => void): Promise<void> {
  const baton = ourTables();
  const created = one.tables.map(({ input }) => ({ operation: 'CreateTable', input }));
  try {
    for (const request of [...created, ...one.requests]) {
      const met = isUnordered(request) ? await allPages(request, baton, amazon) : await ask(request, baton, amazon);
      if (request.operation === 'UpdateTable' && !(await settled(request.input.TableName, amazon)))
        met.known.push(stuck);
      onReply(met);
      const parted = met.unknown.length > 0 && writes.test(request.operation);
      if (parted || met.known.some(({ ends }) => ends)) return;
      if (request.operation === 'Query' && !isUnordered(request)) await furtherPages(met, baton, amazon, onReply);
    }
  } finally {
    for (const { name } of one.tables) await amazon.ask('DeleteTable', { TableName: name });
  }
}

/** Its indexes come and go in the background; false where they do not within 0.3 s. */
async function settled(TableName: string, amazon: Tables): Promise<boolean> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const { body } = await amazon.ask('DescribeTable', { TableName });
    const indexes: { IndexStatus: string }[] = body.Table?.GlobalSecondaryIndexes ?? [];
    if (indexes.every(({ IndexStatus }) => IndexStatus === 'ACTIVE')) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

async function ask(request: Request, baton: Tables, amazon: Tables, start?: [unknown, unknown]): Promise<Met> {
  const { operation, input } = request;
  const from = (key: unknown) => (start ? { ...input, ExclusiveStartKey: key } : input);
  return judge(request, await baton.ask(operation, from(start?.[0])), await amazon.ask(operation, from(start?.[1])));
}

function judge(request: Request, ours: Answer, theirs: Answer): Met {
  const met: Met = { request, ours, theirs, unknown: [], known: [] };
  const all = differences(request, ours, theirs);
  const whole = all.map((each) => knownAs(request, each)).find((known) => known?.whole);
  if (whole) return { ...met, known: [whole] };
  for (const difference of all) {
    const known = knownAs(request, difference);
    if (known) met.known.push(known);
    else met.unknown.push(difference);
  }
  return met;
}

/** Each goes on from its own LastEvaluatedKey; every page is compared. */
async function furtherPages(first: Met, baton: Tables, amazon: Tables, onReply: (met: Met) => void): Promise<void> {
  let last = first;
  for (let page = 0; page < pagesAtMost; page++) {
    const start: [unknown, unknown] = [last.ours.body.LastEvaluatedKey, last.theirs.body.LastEvaluatedKey];
    if (last.unknown.length > 0 || start[0] === undefined || start[1] === undefined) return;
    last = await ask(first.request, baton, amazon, start);
    onReply(last);
  }
}

/**
 * The order of a scan, and of equal keys of a global index, is nobody's promise, so what a page holds is not either: all
 * pages together are compared, whatever their order.
 */
async function allPages(request: Request, baton: Tables, amazon: Tables): Promise<Met> {
  return judge(request, await drained(request, baton), await drained(request, amazon));
}

async function drained({ operation, input }: Request, tables: Tables): Promise<Answer> {
  const first = await tables.ask(operation, input);
  if (first.status !== 200 || first.body.LastEvaluatedKey === undefined) return first;
  const { LastEvaluatedKey: firstKey, ConsumedCapacity: _, ...whole } = first.body;
  for (let key = firstKey; key !== undefined; ) {
    const { status, body } = await tables.ask(operation, { ...input, ExclusiveStartKey: key });
    if (status !== 200) return { status, body };
    whole.Items?.push(...body.Items);
    whole.Count += body.Count;
    whole.ScannedCount += body.ScannedCount;
    key = body.LastEvaluatedKey;
  }
  return { status: 200, body: whole };
}
