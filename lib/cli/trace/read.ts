/**
 * Reads what is known of one flow, through AWS APIs only: the idempotency records (by correlation, or by business key)
 * and the dead letters. Consumes nothing.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { sagas } from '../../contracts';
import { type IdempotencyRecord, recordIndexes } from '../../contracts/record';
import type { Aws } from '../aws';
import { type DeadLetter, readDeadLetters } from '../dead-letters';
import { type AskView, type ExecutionView, readAsks, readExecution } from '../sagas/read';

export interface Flow {
  correlation: string;
  records: IdempotencyRecord[];
  deadLetters: DeadLetter[];
  /** Executions that an event of the flow started, with all that they asked. */
  executions: Conducted[];
}

export interface Conducted {
  execution: ExecutionView;
  asks: AskView[];
}

/** `wanted` is a correlation or a business key (a booking id). Undefined: nothing is known of it. */
export async function readFlow(
  aws: Aws,
  wanted: string,
  options: { deadLetters?: boolean } = {},
): Promise<Flow | undefined> {
  let correlation = wanted;
  let records = await query(aws, recordIndexes.byCorrelation, 'correlation', wanted);
  if (records.length === 0) {
    const byKey = await query(aws, recordIndexes.byKey, 'key', wanted);
    const first = byKey[0];
    if (first) {
      correlation = first.correlation;
      records = await query(aws, recordIndexes.byCorrelation, 'correlation', correlation);
    }
  }
  const letters = options.deadLetters === false ? [] : await readDeadLetters(aws);
  const deadLetters = letters.filter(
    ({ meta, data }) => meta?.correlation === correlation || meta?.key === wanted || mentions(data, wanted),
  );
  if (records.length === 0 && deadLetters.length === 0) return undefined;
  if (records.length === 0) correlation = deadLetters[0]?.meta?.correlation ?? wanted;
  return { correlation, records, deadLetters, executions: await conducted(aws, records) };
}

async function conducted(aws: Aws, records: readonly IdempotencyRecord[]): Promise<Conducted[]> {
  const started = sagas.flatMap((saga) =>
    records
      .flatMap(({ owed }) => owed ?? [])
      .filter(({ type, source }) => type === saga.on.name && source === saga.on.source)
      .map(({ detail }) => ({ saga, key: String(JSON.parse(detail).data?.[saga.on.keyField]) })),
  );
  const found = await Promise.all(
    started.map(async ({ saga, key }) => {
      const execution = await readExecution(aws, saga, key);
      return execution && { execution, asks: await readAsks(aws, execution) };
    }),
  );
  return found.filter((one) => one !== undefined);
}

async function query(aws: Aws, index: string, attribute: string, value: string): Promise<IdempotencyRecord[]> {
  const [{ paginateQuery }, { unmarshall }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/util-dynamodb'),
  ]);
  const client = await aws.dynamodb();
  const table = await aws.output('RecordTableName');
  return aws.reach(async () => {
    const found: IdempotencyRecord[] = [];
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        IndexName: index,
        KeyConditionExpression: '#a = :v',
        ExpressionAttributeNames: { '#a': attribute },
        ExpressionAttributeValues: { ':v': { S: value } },
      },
    );
    for await (const page of pages) {
      for (const item of page.Items ?? [])
        found.push(unmarshall(item as Record<string, AttributeValue>) as IdempotencyRecord);
    }
    return found;
  });
}

/** A dead letter that never became an event may still name the booking in its data. */
function mentions(data: unknown, wanted: string): boolean {
  return typeof data === 'object' && data !== null && Object.values(data).includes(wanted);
}
