/** PROTOCOL, rules T1 to T6: consumers whose effects are table writes and events. Each test goes red without its rule. */
import { consume } from '../../../lambdas/shared/consume';
import { delivery, recordLifeSeconds, windowSeconds } from '../../../lib/contracts/delivery';
import { contentHash, derivedId } from '../../../lib/contracts/envelope';
import type { Outcome } from '../../../lib/contracts/outcome';
import { awsError, type Call, FakeAws, messageOf, rawMessage, recordTable } from './fake-aws';
import { Asked, Counted, Counter, count, countInOrder, countUp, Refused, Reminded } from './fixtures';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.restore());

const decide = jest.fn(count);
beforeEach(() => decide.mockReset().mockImplementation(count));

const read = (event: { data: { counterId: string } }) => ({ counter: Counter.key(event.data.counterId) });
const handler = consume(countUp, { read, decide });
const ordered = consume(countInOrder, { read, decide });

const asked = (id: string, data: object = {}, attributes = {}) =>
  messageOf(Asked, { counterId: 'c', limit: 3, ...data }, { id, time: new Date(aws.nowMs).toISOString() }, attributes);
const record = (id: string) => aws.item(recordTable, `test/count-up#${id}`);
const counter = (id = 'c') => aws.item('counters', id)?.count;
const onFirst = (name: string, act: (call: Call) => undefined | (() => void)) => {
  let done = false;
  aws.fault = (call) => {
    if (done || call.name !== name) return undefined;
    done = true;
    return act(call);
  };
};

describe('the happy path', () => {
  test('one read, one transaction, one publish, one mark; the event says where it comes from', async () => {
    const message = messageOf(
      Asked,
      { counterId: 'c', limit: 3 },
      { id: 'e1', time: '2026-11-24T07:59:00Z', correlation: 'co', hop: 2, traceparent: '00-ab-cd-01' },
    );
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(aws.names()).toEqual(['BatchGetItem', 'TransactWriteItems', 'PutEvents', 'UpdateItem']);
    for (const { ConsistentRead } of Object.values<any>(aws.calls[0]!.input.RequestItems))
      expect(ConsistentRead).toBe(true);
    expect(aws.item('counters', 'c')).toEqual({ id: 'c', version: 1, count: 1 });
    expect(aws.published).toEqual([
      {
        source: 'test',
        type: 'Counted',
        id: derivedId('test/count-up', 'e1', 0),
        detail: {
          meta: {
            id: derivedId('test/count-up', 'e1', 0),
            cause: 'e1',
            correlation: 'co',
            key: 'c',
            time: '2026-11-24T08:00:00.000Z',
            hop: 3,
            traceparent: '00-ab-cd-01',
          },
          data: { counterId: 'c', count: 1 },
        },
      },
    ]);
    expect(record('e1')).toMatchObject({
      consumer: 'test/count-up',
      eventId: 'e1',
      type: 'Asked',
      hash: contentHash('Asked', { counterId: 'c', limit: 3 }),
      status: 'handled',
      correlation: 'co',
      key: 'c',
      hop: 2,
      atMs: aws.nowMs,
      eventAtMs: Date.parse('2026-11-24T07:59:00Z'),
    });
    expect(record('e1').unpaid).toBeUndefined();
  });

  test('where nothing is owed there are two calls, and the record may expire at once', async () => {
    decide.mockReturnValue({ write: { counter: { count: 7 } } });
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
    expect(aws.names()).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(record('e1').expiresAt).toBe(aws.nowMs / 1000 + recordLifeSeconds);
  });

  test('a batch shares its reads and its publish', async () => {
    const batch = Array.from({ length: 10 }, (_, index) => asked(`e${index}`, { counterId: `c${index}` }));
    expect(await aws.invoke(handler, batch)).toEqual([]);
    const calls = aws.names();
    expect(calls.filter((name) => name === 'BatchGetItem')).toHaveLength(1);
    expect(calls.filter((name) => name === 'PutEvents')).toHaveLength(1);
    expect(calls).toHaveLength(1 + 10 + 1 + 10);
  });

  test('contenders within a batch go one after the other, and none conflicts', async () => {
    const batch = Array.from({ length: 5 }, (_, index) => asked(`e${index}`, { limit: 9 }));
    expect(await aws.invoke(handler, batch)).toEqual([]);
    expect(counter()).toBe(5);
    expect(decide).toHaveBeenCalledTimes(5);
    expect(aws.published.map(({ detail }) => detail.data.count)).toEqual([1, 2, 3, 4, 5]);
  });

  test('a deleted row leaves its version behind, so that a decision on the old one cannot pass', async () => {
    aws.put('counters', { id: 'c', version: 4, count: 2 });
    decide.mockReturnValueOnce({ write: { counter: 'delete' } });
    await aws.invoke(handler, [asked('e1')]);
    expect(aws.item('counters', 'c')).toEqual({ id: 'c', version: 5, deleted: true });
    await aws.invoke(handler, [asked('e2')]);
    expect(decide.mock.lastCall![1]).toEqual({ counter: undefined });
    expect(aws.item('counters', 'c')).toEqual({ id: 'c', version: 6, count: 1 });
  });
});

describe('crashes', () => {
  // Calls of one event: read, transaction, publish, mark.
  for (let call = 0; call < 4; call++) {
    for (const when of ['before', 'after'] as const) {
      test(`${when} call ${call}: redelivered, the effect is there once and what is owed was published`, async () => {
        aws.crashAt(call, when);
        expect(await aws.invoke(handler, [asked('e1')])).toBeUndefined();
        expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
        expect(counter()).toBe(1);
        expect(new Set(aws.published.map(({ id }) => id))).toEqual(new Set([derivedId('test/count-up', 'e1', 0)]));
        expect(record('e1').unpaid).toBeUndefined();
        expect(record('e1').expiresAt).toBeGreaterThan(0);
      });
    }
  }
});

describe('T1: an event with a record is not decided again', () => {
  test('the state has changed since, and what is owed is published all the same', async () => {
    aws.crashAt(1, 'after');
    await aws.invoke(handler, [asked('e1')]);
    aws.put('counters', { id: 'c', version: 9, count: 3 });
    decide.mockClear();
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
    expect(decide).not.toHaveBeenCalled();
    expect(aws.published.map(({ type }) => type)).toEqual(['Counted']);
  });

  test('a paid duplicate costs one read', async () => {
    await aws.invoke(handler, [asked('e1')]);
    aws.calls = [];
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
    expect(aws.names()).toEqual(['BatchGetItem']);
    expect(counter()).toBe(1);
  });
});

describe('T2: every row that was read is checked, and a transaction is made always', () => {
  test('a refusal that was decided on outdated state is not committed', async () => {
    aws.put('counters', { id: 'c', version: 1, count: 3 });
    onFirst('TransactWriteItems', () => {
      aws.put('counters', { id: 'c', version: 2, count: 2 });
      return undefined;
    });
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
    expect(aws.published.map(({ type }) => type)).toEqual(['Counted']);
    expect(counter()).toBe(3);
  });

  test('nor is one that was decided on a row that was not there', async () => {
    decide.mockImplementation((_, { counter: row }) => (row ? { write: { counter: { count: 50 } } } : {}));
    onFirst('TransactWriteItems', () => {
      aws.put('counters', { id: 'c', version: 1, count: 1 });
      return undefined;
    });
    await aws.invoke(handler, [asked('e1')]);
    expect(counter()).toBe(50);
  });

  test('an outcome that does nothing is committed with its record', async () => {
    decide.mockReturnValue({});
    await aws.invoke(handler, [asked('e1')]);
    expect(record('e1').status).toBe('handled');
  });

  test("the record's reason is looked at first: another worker has handled the event, and changed the row by it", async () => {
    onFirst('TransactWriteItems', () => {
      // The other worker, between our read and our commit.
      aws.put('counters', { id: 'c', version: 1, count: 1 });
      aws.put(recordTable, { ...foreign('e1'), owed: [owedBy('e1')], unpaid: '0' });
      return undefined;
    });
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
    expect(decide).toHaveBeenCalledTimes(1);
    expect(counter()).toBe(1);
    expect(aws.published.map(({ id }) => id)).toEqual([owedBy('e1').id]);
    // The record came back with the refusal: nothing is read again.
    expect(aws.names()).toEqual(['BatchGetItem', 'TransactWriteItems', 'PutEvents', 'UpdateItem']);
  });

  test('no ClientRequestToken is given: one made from the event would make a second decision look like the first', async () => {
    onFirst('TransactWriteItems', () => {
      throw awsError('TransactionCanceledException', { CancellationReasons: [{ Code: 'TransactionConflict' }] });
    });
    await aws.invoke(handler, [asked('e1')]);
    const tokens = aws.calls
      .filter(({ name }) => name === 'TransactWriteItems')
      .map(({ input }) => input.ClientRequestToken);
    expect(tokens).toEqual([undefined, undefined]);
  });
});

const owedBy = (eventId: string) => {
  const id = derivedId('test/count-up', eventId, 0);
  return {
    id,
    type: 'Counted',
    source: 'test',
    detail: JSON.stringify({ meta: { id }, data: { counterId: 'c', count: 1 } }),
  };
};
const foreign = (eventId: string) => ({
  id: `test/count-up#${eventId}`,
  consumer: 'test/count-up',
  eventId,
  type: 'Asked',
  hash: contentHash('Asked', { counterId: 'c', limit: 3 }),
  status: 'handled',
  correlation: 'c',
  key: 'c',
  atMs: aws.nowMs,
  eventAtMs: aws.nowMs,
  hop: 0,
});

describe('T3: what is owed stays owed until it is published', () => {
  test('an unpaid record does not expire, and its message is not acknowledged', async () => {
    aws.fault = ({ name }) => {
      if (name === 'PutEvents') throw awsError('InternalException');
      return undefined;
    };
    const message = asked('e1');
    expect(await aws.invoke(handler, [message])).toEqual([message.messageId]);
    expect(record('e1').unpaid).toMatch(/^[0-7]$/);
    expect(record('e1').expiresAt).toBeUndefined();
    aws.fault = () => undefined;
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(record('e1').unpaid).toBeUndefined();
    expect(aws.published).toHaveLength(1);
    expect(counter()).toBe(1);
  });

  test('a record that somebody else marked as paid meanwhile is no failure', async () => {
    onFirst('UpdateItem', () => {
      throw awsError('ConditionalCheckFailedException');
    });
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
  });
});

describe('T4: an event that is older than its record could be is rejected', () => {
  const aged = (seconds: number) =>
    messageOf(
      Asked,
      { counterId: 'c', limit: 3 },
      { id: 'e1', time: new Date(aws.nowMs - seconds * 1000).toISOString() },
    );

  test('without a record and older than the window', async () => {
    expect(await aws.invoke(handler, [aged(windowSeconds + 1)])).toEqual([]);
    expect(decide).not.toHaveBeenCalled();
    expect(aws.deadLetters[0]!.attributes.reason).toMatch(/nothing is known of it/);
  });

  test('just inside the window it is handled', async () => {
    await aws.invoke(handler, [aged(windowSeconds - 1)]);
    expect(counter()).toBe(1);
  });

  test('with a record it is a duplicate, however old', async () => {
    await aws.invoke(handler, [aged(0)]);
    const message = aged(0);
    aws.nowMs += (windowSeconds + 1) * 1000;
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(aws.deadLetters).toEqual([]);
  });

  test('records live longer than the window, and the condition is plain: an expired record that is still there counts', async () => {
    expect(recordLifeSeconds).toBeGreaterThanOrEqual(windowSeconds + 900 + delivery.clockMarginSeconds);
    onFirst('TransactWriteItems', () => {
      aws.put(recordTable, { ...foreign('e1'), expiresAt: 1 });
      return undefined;
    });
    await aws.invoke(handler, [asked('e1')]);
    expect(counter()).toBeUndefined();
  });

  test('the record of an event that is dated ahead lives as long after that date', async () => {
    await aws.invoke(handler, [aged(-1_000_000)]);
    expect(record('e1').expiresAt).toBe(aws.nowMs / 1000 + 1_000_000 + recordLifeSeconds);
  });
});

describe('T5: a conflict is decided again inside the call', () => {
  test('eight conflicts in a row cost no receive', async () => {
    let conflicts = 0;
    aws.fault = ({ name }) => {
      if (name === 'TransactWriteItems' && conflicts++ < 8)
        aws.put('counters', { id: 'c', version: conflicts, count: conflicts });
      return undefined;
    };
    expect(await aws.invoke(handler, [asked('e1', { limit: 100 })])).toEqual([]);
    expect(counter()).toBe(9);
    expect(decide).toHaveBeenCalledTimes(9);
  });

  for (const code of ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']) {
    test(`a cancellation for ${code} is tried again`, async () => {
      onFirst('TransactWriteItems', () => {
        throw awsError('TransactionCanceledException', {
          CancellationReasons: [{ Code: 'None' }, { Code: code }],
        });
      });
      expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
      expect(counter()).toBe(1);
    });
  }

  for (const name of ['BatchGetItem', 'TransactWriteItems', 'UpdateItem']) {
    test(`a throttled ${name} is tried again`, async () => {
      onFirst(name, () => {
        throw awsError('ProvisionedThroughputExceededException');
      });
      expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
      expect(counter()).toBe(1);
      expect(record('e1').unpaid).toBeUndefined();
    });
  }

  test('a lost response to the transaction: the second attempt finds the record', async () => {
    onFirst('TransactWriteItems', () => () => {
      throw awsError('TimeoutError');
    });
    expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
    expect(counter()).toBe(1);
    expect(aws.published).toHaveLength(1);
  });

  test('keys that a read left unprocessed are read again', async () => {
    aws.put('counters', { id: 'c', version: 1, count: 1 });
    onFirst('BatchGetItem', ({ input }) => {
      const { counters, ...rest } = input.RequestItems;
      input.RequestItems = rest;
      aws.amend = (output) => ({ ...output, UnprocessedKeys: { counters } });
      return undefined;
    });
    await aws.invoke(handler, [asked('e1')]);
    expect(counter()).toBe(2);
    expect(aws.names().slice(0, 2)).toEqual(['BatchGetItem', 'BatchGetItem']);
  });

  test('a conflict that does not end gives up before the deadline, for this message alone', async () => {
    aws.fault = ({ name, input }) => {
      if (name === 'TransactWriteItems' && JSON.stringify(input).includes('"hot"')) {
        throw awsError('TransactionCanceledException', { CancellationReasons: [{ Code: 'TransactionConflict' }] });
      }
      return undefined;
    };
    const start = aws.nowMs;
    const hot = asked('e1', { counterId: 'hot' });
    expect(await aws.invoke(handler, [hot, asked('e2')])).toEqual([hot.messageId]);
    expect(aws.nowMs - start).toBeGreaterThan(6_000);
    expect(aws.nowMs - start).toBeLessThan(10_000);
    expect(counter()).toBe(1);
  });

  test('what is not passing is not tried again', async () => {
    onFirst('TransactWriteItems', () => {
      throw awsError('AccessDeniedException');
    });
    const message = asked('e1');
    expect(await aws.invoke(handler, [message])).toEqual([message.messageId]);
    expect(aws.names()).toEqual(['BatchGetItem', 'TransactWriteItems']);
  });
});

describe('T6: equal ids', () => {
  test('in one batch are handled one after the other: one effect, both acknowledged', async () => {
    expect(await aws.invoke(handler, [asked('e1'), asked('e1')])).toEqual([]);
    expect(counter()).toBe(1);
    expect(decide).toHaveBeenCalledTimes(1);
    expect(aws.names().filter((name) => name === 'TransactWriteItems')).toHaveLength(1);
  });

  test('in one batch owe the same: it is published and marked once, and while it is not, both come again', async () => {
    await aws.invoke(handler, [asked('e1'), asked('e1')]);
    expect(aws.published).toHaveLength(1);
    expect(aws.names().filter((name) => name === 'UpdateItem')).toHaveLength(1);
    aws.fault = ({ name }) => {
      if (name === 'PutEvents') throw awsError('AccessDeniedException');
      return undefined;
    };
    expect(await aws.invoke(handler, [asked('e2'), asked('e2')])).toHaveLength(2);
  });

  test('with other content in one batch: the second is rejected', async () => {
    expect(await aws.invoke(handler, [asked('e1'), asked('e1', { limit: 99, counterId: 'd' })])).toEqual([]);
    expect(counter()).toBe(1);
    expect(counter('d')).toBeUndefined();
    expect(aws.deadLetters.map(({ attributes }) => attributes.reason)).toEqual([
      expect.stringMatching(/^event id e1 was seen with other content/),
    ]);
    expect(record('e1').status).toBe('handled');
  });

  test('with other content later: rejected too', async () => {
    await aws.invoke(handler, [asked('e1')]);
    await aws.invoke(handler, [asked('e1', { limit: 99 })]);
    expect(counter()).toBe(1);
    expect(aws.deadLetters).toHaveLength(1);
  });
});

describe('a FIFO queue', () => {
  test('nothing is begun after the first failure, and it and all behind it come again', async () => {
    aws.fault = ({ name, input }) => {
      if (name === 'TransactWriteItems' && JSON.stringify(input).includes('#e2"'))
        throw awsError('AccessDeniedException');
      return undefined;
    };
    const batch = [asked('e1'), asked('e2'), asked('e3')];
    expect(await aws.invoke(ordered, batch)).toEqual([batch[1]!.messageId, batch[2]!.messageId]);
    expect(counter()).toBe(1);
    expect(decide.mock.calls.map(([event]) => (event as any).meta.id)).toEqual(['e1', 'e2']);
  });

  test('a message whose events were not published holds back those behind it', async () => {
    aws.fault = ({ name }) => {
      if (name !== 'PutEvents') return undefined;
      aws.amend = ({ Entries }) => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }, Entries[1]] });
      return undefined;
    };
    const batch = [asked('e1'), asked('e2')];
    expect(await aws.invoke(ordered, batch)).toEqual(batch.map(({ messageId }) => messageId));
  });

  test('its dead letters are FIFO: they get a group and an id', async () => {
    aws.variables.BATON_DEAD_LETTERS_URL = 'https://queues.test/123456789012/dead-letters.fifo';
    const poison = rawMessage('{');
    expect(await aws.invoke(ordered, [poison])).toEqual([]);
    expect(aws.deadLetters[0]!.input).toMatchObject({
      MessageGroupId: 'group-1',
      MessageDeduplicationId: poison.messageId,
    });
  });
});

describe('what can never succeed', () => {
  const cases: [string, string, RegExp][] = [
    ['invalid JSON', '{"detail":', /^the message is not JSON/],
    ['no event', '"hello"', /not an EventBridge event/],
    [
      'an unknown type',
      JSON.stringify({ source: 'test', 'detail-type': 'Nope', detail: {} }),
      /not known here; allowed/,
    ],
    ['no meta', JSON.stringify({ source: 'test', 'detail-type': 'Asked', detail: { data: {} } }), /^meta: /],
  ];
  for (const [what, body, reason] of cases) {
    test(`${what}: to the dead letters as it came, others are not affected`, async () => {
      expect(await aws.invoke(handler, [rawMessage(body), asked('e1')])).toEqual([]);
      expect(aws.deadLetters).toEqual([
        expect.objectContaining({
          body,
          attributes: { reason: expect.stringMatching(reason), consumer: 'test/count-up' },
        }),
      ]);
      expect(counter()).toBe(1);
    });
  }

  test('data that its schema refuses: the reason is in the dead letter and in the trace', async () => {
    await aws.invoke(handler, [asked('e1', { limit: 'many' })]);
    expect(aws.deadLetters[0]!.attributes).toEqual({
      reason: 'data.limit: expected number, received string',
      consumer: 'test/count-up',
      eventId: 'e1',
    });
    expect(aws.item(recordTable, 'test/count-up#e1#rejected')).toMatchObject({
      status: 'rejected',
      correlation: 'c',
      key: 'c',
      reason: 'data.limit: expected number, received string',
      expiresAt: expect.any(Number),
    });
  });

  test('a rejected message that is redriven after its cause was fixed is handled', async () => {
    const message = asked('e1');
    decide.mockReturnValueOnce({ emit: [Refused.of({ counterId: 'c', text: 'x'.repeat(400_000) })] });
    await aws.invoke(handler, [message]);
    expect(aws.item(recordTable, 'test/count-up#e1#rejected').status).toBe('rejected');
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(counter()).toBe(1);
    expect(record('e1').status).toBe('handled');
  });

  test('sent, then acknowledged: a dead letter that could not be sent is redelivered', async () => {
    aws.fault = ({ name }) => {
      if (name === 'SendMessage') throw awsError('AccessDenied');
      return undefined;
    };
    const poison = rawMessage('{');
    expect(await aws.invoke(handler, [poison])).toEqual([poison.messageId]);
  });

  test('a rejection that could not be recorded is in the dead letters all the same', async () => {
    aws.fault = ({ name }) => {
      if (name === 'PutItem') throw awsError('AccessDeniedException');
      return undefined;
    };
    expect(await aws.invoke(handler, [asked('e1', { limit: 'many' })])).toEqual([]);
    expect(aws.deadLetters).toHaveLength(1);
  });

  test('more hops than allowed, an expired event, an event of a later version of the envelope', async () => {
    const time = new Date(aws.nowMs).toISOString();
    const data = { counterId: 'c', limit: 3 };
    await aws.invoke(handler, [
      messageOf(Asked, data, { id: 'e1', time, hop: delivery.maxHops + 1 }),
      messageOf(Asked, data, { id: 'e2', time, expires: '2026-11-24T07:00:00Z' }),
      messageOf(Asked, data, { id: 'e3', time, v: 2 } as any),
    ]);
    expect(aws.deadLetters.map(({ attributes }) => attributes.reason)).toEqual([
      expect.stringMatching(/^meta.hop is 17/),
      expect.stringMatching(/^meta.expires/),
      expect.stringMatching(/^meta.v is 2/),
    ]);
    expect(decide).not.toHaveBeenCalled();
  });

  test('what is owed does not fit into the record: refused before the commit, by name', async () => {
    decide.mockReturnValue({
      write: { counter: { count: 1 } },
      emit: Array.from({ length: 4 }, () => Refused.of({ counterId: 'c', text: 'x'.repeat(90_000) })),
    });
    await aws.invoke(handler, [asked('e1')]);
    expect(aws.deadLetters[0]!.attributes.reason).toMatch(
      /^OwedTooLargeError: test\/count-up would owe 36\d{4} bytes in 4 events; an idempotency record holds 350000/,
    );
    expect(counter()).toBeUndefined();
    expect(record('e1')).toBeUndefined();
  });

  test('one entry that EventBridge would refuse: as well', async () => {
    decide.mockReturnValue({ emit: [Refused.of({ counterId: 'c', text: 'x'.repeat(1_048_576) })] });
    await aws.invoke(handler, [asked('e1')]);
    expect(aws.deadLetters[0]!.attributes.reason).toMatch(/EventBridge takes less than 1048576/);
    expect(record('e1')).toBeUndefined();
  });
});

describe('our own bugs are no reason to lose an event: redelivered', () => {
  const cases: [string, Outcome<typeof countUp>][] = [
    ['an undeclared event', { emit: [{ type: 'Nope', data: {} } as any] }],
    [
      'an event later that is not declared under schedules',
      { emit: [Counted.later({ counterId: 'c', count: 1 }, 1) as any] },
    ],
    ['data that the event schema refuses', { emit: [Counted.of({ counterId: 'c', count: 'one' as any })] }],
    ['data that the row schema refuses', { write: { counter: { count: 'one' as any } } }],
    ['a row that was not read', { write: { nope: {} } as any }],
    ['a due time that is none', { emit: [Reminded.later({ counterId: 'c' }, Number.NaN)] }],
  ];
  for (const [what, outcome] of cases) {
    test(what, async () => {
      decide.mockReturnValue(outcome as any);
      const message = asked('e1');
      expect(await aws.invoke(handler, [message])).toEqual([message.messageId]);
      expect(aws.deadLetters).toEqual([]);
      expect(record('e1')).toBeUndefined();
    });
  }

  test('a decision that throws fails its message alone', async () => {
    decide.mockImplementation((event, state) => {
      if (event.data.counterId === 'bad') throw new TypeError('x is not a function');
      return count(event, state);
    });
    const bad = asked('e1', { counterId: 'bad' });
    expect(await aws.invoke(handler, [bad, asked('e2')])).toEqual([bad.messageId]);
    expect(counter()).toBe(1);
  });
});
