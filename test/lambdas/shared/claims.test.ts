/** PROTOCOL, rules C1 to C6: consumers with an outside effect. Each test goes red without its rule. */
import { consume } from '../../../lambdas/shared/consume';
import { consumer } from '../../../lib/contracts/kit';
import type { AskOutside, Settle } from '../../../lib/contracts/outcome';
import { awsError, FakeAws, messageOf, recordTable } from './fake-aws';
import { Asked, Counted, charge, chargeOnce, Ledger, Refused } from './fixtures';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.restore());

interface Request {
  counterId: string;
  cents: number;
}
interface Answer {
  chargeId: string;
}

/** A gateway that remembers keys, and what it was asked. */
class Till {
  asked: { request: Request; key: string; deadline: number; signal: AbortSignal }[] = [];
  charges = new Map<string, string>();
  /** Runs before the charge; may throw. */
  before: (call: number) => void | Promise<void> = () => {};
  /** Runs after it; may throw: the answer is lost. */
  after: (call: number) => void | Promise<void> = () => {};
  perform = async (
    request: Request,
    options: { key: string; deadline: number; signal: AbortSignal },
  ): Promise<Answer> => {
    this.asked.push({ request, ...options });
    const call = this.asked.length;
    await this.before(call);
    if (!this.charges.has(options.key)) this.charges.set(options.key, `charge-${this.charges.size + 1}`);
    await this.after(call);
    return { chargeId: this.charges.get(options.key)! };
  };
}

let till: Till;
beforeEach(() => {
  till = new Till();
});

const ask: AskOutside<typeof charge, Request> = ({ data }, { ledger }) =>
  ledger ? { note: `already ${ledger.status}` } : { ask: { counterId: data.counterId, cents: data.limit } };
const settle: Settle<typeof charge, Answer> = ({ data }, { ledger }, answer) => {
  const { counterId } = data;
  if (ledger) {
    return {
      write: { ledger: { status: 'charged-late', chargeId: answer.chargeId } },
      emit: [Refused.of({ counterId, text: answer.chargeId })],
    };
  }
  return {
    write: { ledger: { status: 'charged', chargeId: answer.chargeId } },
    emit: [Counted.of({ counterId, count: data.limit })],
  };
};
const asking = jest.fn(ask);
const settling = jest.fn(settle);
beforeEach(() => {
  asking.mockClear();
  settling.mockReset().mockImplementation(settle);
});

const read = (event: { data: { counterId: string } }) => ({ ledger: Ledger.key(event.data.counterId) });
const perform = (request: Request, options: any) => till.perform(request, options);
const retrying = consume(charge, { read, call: { ask: asking, perform }, decide: settling });
const parking = consume(chargeOnce, { read, call: { ask: asking, perform }, decide: settling });
const handlers = { charge: retrying, 'charge-once': parking };

const asked = (id = 'e1', attributes = {}) =>
  messageOf(Asked, { counterId: 'c', limit: 3 }, { id, time: new Date(aws.nowMs).toISOString() }, attributes);
const record = (name: keyof typeof handlers = 'charge', id = 'e1') => aws.item(recordTable, `test/${name}#${id}`);
const ledger = () => aws.item('ledgers', 'c');
const pass = (seconds: number) => {
  aws.nowMs += seconds * 1000;
};
const lost = () => {
  throw new Error('socket hang up');
};
const refused = () => {
  throw Object.assign(new Error('connection refused'), { executed: 'no' });
};

test('the happy path: claim, call, completion, publish', async () => {
  expect(await aws.invoke(retrying, [asked()])).toEqual([]);
  expect(aws.names()).toEqual(['BatchGetItem', 'TransactWriteItems', 'TransactWriteItems', 'PutEvents', 'UpdateItem']);
  expect(till.asked).toHaveLength(1);
  expect(ledger()).toEqual({ id: 'c', version: 1, status: 'charged', chargeId: 'charge-1' });
  expect(record()).toMatchObject({ status: 'handled', expiresAt: expect.any(Number) });
  expect(record().unpaid).toBeUndefined();
  expect(record().owner).toBeUndefined();
  expect(aws.published.map(({ type }) => type)).toEqual(['Counted']);
});

test('where nothing need be asked, the outcome is committed without a claim', async () => {
  aws.put('ledgers', { id: 'c', version: 1, status: 'cancelled' });
  expect(await aws.invoke(retrying, [asked()])).toEqual([]);
  expect(till.asked).toEqual([]);
  expect(record().status).toBe('handled');
});

test('a duplicate in the same batch asks nothing', async () => {
  expect(await aws.invoke(retrying, [asked(), asked()])).toEqual([]);
  expect(till.asked).toHaveLength(1);
});

test('the key is derived from consumer and event: the same at each attempt, another for another event', async () => {
  till.after = (call) => (call === 1 ? lost() : undefined);
  await aws.invoke(retrying, [asked('e1')]);
  aws.remove('ledgers', 'c');
  await aws.invoke(retrying, [asked('e2')]);
  const [first, again, other] = till.asked.map(({ key }) => key);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

describe('crashes', () => {
  // Calls of one event: read, claim, completion, publish, mark.
  for (let call = 0; call < 5; call++) {
    for (const when of ['before', 'after'] as const) {
      test(`${when} call ${call}: redelivered, charged once, told once`, async () => {
        aws.crashAt(call, when);
        expect(await aws.invoke(retrying, [asked()])).toBeUndefined();
        pass(charge.visibilitySeconds);
        expect(await aws.invoke(retrying, [asked()])).toEqual([]);
        expect(till.charges.size).toBe(1);
        expect(ledger().chargeId).toBe('charge-1');
        expect(new Set(aws.published.map(({ id }) => id)).size).toBe(1);
        expect(record()).toMatchObject({ status: 'handled', expiresAt: expect.any(Number) });
      });
    }
  }

  for (let call = 0; call < 3; call++) {
    for (const when of ['before', 'after'] as const) {
      test(`park: ${when} call ${call}: asked at most once, and done or parked`, async () => {
        aws.crashAt(call, when);
        await aws.invoke(parking, [asked()]);
        pass(chargeOnce.visibilitySeconds);
        expect(await aws.invoke(parking, [asked()])).toEqual([]);
        expect(till.asked.length).toBeLessThanOrEqual(1);
        const handled = record('charge-once').status === 'handled';
        expect(record('charge-once').status).toBe(handled ? 'handled' : 'parked');
        expect(aws.deadLetters).toHaveLength(handled ? 0 : 1);
      });
    }
  }
});

test('C1: the lease lasts until the deadline of the invocation and the flight of a call are over', async () => {
  let claim: any;
  const deadlineMs = aws.nowMs + 10_000;
  till.before = () => {
    claim = record();
  };
  await aws.invoke(retrying, [asked()]);
  expect(claim).toMatchObject({ status: 'claimed', attempt: 1, firstCallAtMs: aws.nowMs });
  expect(claim.leaseUntilMs).toBeGreaterThanOrEqual(deadlineMs + 30_000);
  expect(till.asked[0]!.deadline).toBeLessThan(deadlineMs);
});

test('C1: a call that does not answer is given up before the deadline, and its signal is aborted', async () => {
  till.before = () => new Promise(() => {});
  const message = asked();
  const start = aws.nowMs;
  expect(await aws.invoke(parking, [message])).toEqual([message.messageId]);
  expect(aws.nowMs - start).toBeLessThan(10_000);
  expect(till.asked[0]!.signal.aborted).toBe(true);
  expect(record('charge-once').status).toBe('claimed');
});

describe('C2: a claim is released only on proof that the call was not executed', () => {
  test('proof: the next delivery asks at once', async () => {
    till.before = (call) => (call === 1 ? refused() : undefined);
    const message = asked();
    expect(await aws.invoke(parking, [message])).toEqual([message.messageId]);
    expect(await aws.invoke(parking, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(2);
    expect(record('charge-once').status).toBe('handled');
  });

  test('after proof the state is asked from anew', async () => {
    till.before = (call) => (call === 1 ? refused() : undefined);
    await aws.invoke(parking, [asked()]);
    aws.put('ledgers', { id: 'c', version: 1, status: 'cancelled' });
    expect(await aws.invoke(parking, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(1);
    expect(record('charge-once').status).toBe('handled');
  });

  test('no proof: the claim is kept, and a redelivery before its end asks nothing', async () => {
    till.after = lost;
    await aws.invoke(parking, [asked()]);
    const message = asked();
    expect(await aws.invoke(parking, [message])).toEqual([message.messageId]);
    expect(till.asked).toHaveLength(1);
    expect(record('charge-once').status).toBe('claimed');
    expect(aws.deadLetters).toEqual([]);
  });

  test('what is almost proof is none', async () => {
    till.before = () => {
      throw Object.assign(new Error('502'), { executed: 'unknown' });
    };
    await aws.invoke(parking, [asked()]);
    expect(record('charge-once').firstCallAtMs).toBeDefined();
  });

  test('park: once the flight time is over it is parked, with its reason, and never asked again', async () => {
    till.after = lost;
    await aws.invoke(parking, [asked()]);
    pass(chargeOnce.visibilitySeconds);
    expect(await aws.invoke(parking, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(1);
    expect(record('charge-once')).toMatchObject({
      status: 'parked',
      reason: expect.stringMatching(/^parked: the till was asked at/),
    });
    expect(aws.deadLetters.map(({ attributes }) => attributes.reason)).toEqual([expect.stringMatching(/^parked: /)]);
  });

  test('proof about a later call says nothing about an earlier one', async () => {
    till.after = lost;
    await aws.invoke(retrying, [asked()]);
    const { firstCallAtMs } = record();
    pass(charge.visibilitySeconds);
    till.after = () => {};
    till.before = refused;
    await aws.invoke(retrying, [asked()]);
    expect(record().firstCallAtMs).toBe(firstCallAtMs);
    expect(record().request).toBeDefined();
    till.before = () => {};
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(till.charges.size).toBe(1);
  });

  test('a parked message that comes as a copy is acknowledged; one that was redriven goes back to the dead letters', async () => {
    till.after = lost;
    await aws.invoke(parking, [asked()]);
    pass(chargeOnce.visibilitySeconds);
    await aws.invoke(parking, [asked()]);
    expect(await aws.invoke(parking, [asked()])).toEqual([]);
    expect(aws.deadLetters).toHaveLength(1);
    expect(await aws.invoke(parking, [asked('e1', aws.deadLetters[0]!.attributes)])).toEqual([]);
    expect(aws.deadLetters).toHaveLength(2);
    expect(till.asked).toHaveLength(1);
  });

  test('a person who saw that nothing was executed deletes the record and redrives: asked again', async () => {
    till.before = lost;
    await aws.invoke(parking, [asked()]);
    pass(chargeOnce.visibilitySeconds);
    await aws.invoke(parking, [asked()]);
    till.before = () => {};
    aws.remove(recordTable, 'test/charge-once#e1');
    expect(await aws.invoke(parking, [asked('e1', aws.deadLetters[0]!.attributes)])).toEqual([]);
    expect(till.charges.size).toBe(1);
    expect(record('charge-once').status).toBe('handled');
  });
});

describe('C3: a dead owner is replaced only while the gateway remembers the key', () => {
  const orphaned = async () => {
    aws.crashAt(2, 'before');
    await aws.invoke(retrying, [asked()]);
    expect(record()).toMatchObject({ status: 'claimed', attempt: 1 });
  };

  test('in time: the very same request under the same key, whatever the state says now', async () => {
    await orphaned();
    asking.mockClear();
    aws.put('ledgers', { id: 'c', version: 1, status: 'cancelled' });
    pass(charge.visibilitySeconds);
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(asking).not.toHaveBeenCalled();
    expect(till.asked[1]!.request).toEqual(till.asked[0]!.request);
    expect(till.asked[1]!.key).toBe(till.asked[0]!.key);
    expect(ledger()).toMatchObject({ status: 'charged-late', chargeId: 'charge-1' });
    expect(till.charges.size).toBe(1);
  });

  test('the whole new lease must fit, counted from the first call: else it is parked', async () => {
    await orphaned();
    // 3,600 s are remembered; a lease is 10 s + 30 s.
    pass(3_600 - 39);
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(1);
    expect(record()).toMatchObject({ status: 'parked', reason: expect.stringMatching(/remembers a key for 3600 s/) });
  });

  test('one second earlier it fits', async () => {
    await orphaned();
    pass(3_600 - 41);
    await aws.invoke(retrying, [asked()]);
    expect(record().status).toBe('handled');
  });

  test('it is counted from the first call, not from the last', async () => {
    await orphaned();
    pass(2_000);
    aws.crashAt(2, 'before');
    await aws.invoke(retrying, [asked()]);
    expect(record()).toMatchObject({ status: 'claimed', attempt: 2 });
    pass(2_000);
    await aws.invoke(retrying, [asked()]);
    expect(till.asked).toHaveLength(2);
    expect(record().status).toBe('parked');
  });

  test('a living owner asks again at once when the answer is lost, under the same key', async () => {
    till.after = (call) => (call === 1 ? lost() : undefined);
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(2);
    expect(till.charges.size).toBe(1);
  });

  test('`retry` with a gateway that forgets keys is refused when the declaration is built', () => {
    const { outside, ...declaration } = charge;
    expect(() => consumer({ ...declaration, outside: { ...outside!, gatewayRemembersSeconds: 0 } })).toThrow(/C3/);
  });
});

test('C4: a redelivery comes when the lease is over, and never meets its own dead claim', async () => {
  expect(charge.visibilitySeconds).toBeGreaterThanOrEqual(charge.leaseSeconds);
  const start = aws.nowMs;
  aws.crashAt(2, 'before');
  await aws.invoke(retrying, [asked()]);
  expect(record().leaseUntilMs).toBeLessThanOrEqual(start + charge.visibilitySeconds * 1000);
});

describe('C5: completion is tried again inside the call', () => {
  test('the state has changed meanwhile: decided again with the same answer, never called again', async () => {
    till.after = () => aws.put('ledgers', { id: 'c', version: 1, status: 'cancelled' });
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(1);
    expect(settling).toHaveBeenCalledTimes(2);
    expect(ledger()).toMatchObject({ status: 'charged-late', chargeId: 'charge-1' });
    expect(aws.published.map(({ type }) => type)).toEqual(['Refused']);
  });

  test('a throttled completion, and one whose response is lost', async () => {
    const faults = [
      () => {
        throw awsError('ProvisionedThroughputExceededException');
      },
      () => () => {
        throw awsError('TimeoutError');
      },
    ];
    let transactions = 0;
    aws.fault = ({ name }) =>
      name === 'TransactWriteItems' && transactions++ > 0 ? (faults.shift()?.() as undefined) : undefined;
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(1);
    expect(ledger()).toMatchObject({ version: 1, chargeId: 'charge-1' });
    expect(aws.published).toHaveLength(1);
  });

  test('T2 at the claim: what is asked is asked from fresh state', async () => {
    let first = true;
    aws.fault = ({ name }) => {
      if (name === 'TransactWriteItems' && first) {
        first = false;
        aws.put('ledgers', { id: 'c', version: 1, status: 'cancelled' });
      }
      return undefined;
    };
    expect(await aws.invoke(retrying, [asked()])).toEqual([]);
    expect(till.asked).toEqual([]);
    expect(record().status).toBe('handled');
  });

  test('a lost response to the claim: the claim is found to be ours', async () => {
    let first = true;
    aws.fault = ({ name }) => {
      if (name !== 'TransactWriteItems' || !first) return undefined;
      first = false;
      return () => {
        throw awsError('TimeoutError');
      };
    };
    expect(await aws.invoke(parking, [asked()])).toEqual([]);
    expect(till.asked).toHaveLength(1);
    expect(record('charge-once').status).toBe('handled');
  });
});

test('fencing: an owner that was replaced cannot complete', async () => {
  // The owner is held up in its call; meanwhile its claim was taken over by somebody whose clock is ahead.
  till.after = (call) => {
    if (call === 1) aws.put(recordTable, { ...record(), owner: 'somebody-else', attempt: 2 });
  };
  const message = asked();
  expect(await aws.invoke(retrying, [message])).toEqual([message.messageId]);
  expect(ledger()).toBeUndefined();
  expect(aws.published).toEqual([]);
  expect(record()).toMatchObject({ status: 'claimed', owner: 'somebody-else' });
});

test('fencing: nor can it release or park the claim of another', async () => {
  till.before = () => {
    aws.put(recordTable, { ...record('charge-once'), owner: 'somebody-else' });
    refused();
  };
  await aws.invoke(parking, [asked()]);
  expect(record('charge-once')).toMatchObject({ owner: 'somebody-else', firstCallAtMs: expect.any(Number) });
});

test('C6: claimed and parked records do not expire', async () => {
  till.after = lost;
  await aws.invoke(parking, [asked()]);
  expect(record('charge-once').status).toBe('claimed');
  expect(record('charge-once').expiresAt).toBeUndefined();
  pass(chargeOnce.visibilitySeconds);
  await aws.invoke(parking, [asked()]);
  expect(record('charge-once').status).toBe('parked');
  expect(record('charge-once').expiresAt).toBeUndefined();
});

test('an event that has come a second time with other content is rejected while the first is claimed', async () => {
  till.after = lost;
  await aws.invoke(parking, [asked()]);
  await aws.invoke(parking, [
    messageOf(Asked, { counterId: 'c', limit: 4 }, { id: 'e1', time: new Date(aws.nowMs).toISOString() }),
  ]);
  expect(aws.deadLetters[0]!.attributes.reason).toMatch(/other content/);
  expect(record('charge-once').status).toBe('claimed');
});

test('too little time for a call: not begun', async () => {
  const message = asked();
  aws.fault = ({ name }) => {
    if (name === 'BatchGetItem') pass(8);
    return undefined;
  };
  expect(await aws.invoke(retrying, [message])).toEqual([message.messageId]);
  expect(till.asked).toEqual([]);
  expect(record()).toBeUndefined();
});

test('a handler that does not fit its declaration is refused when it is built', () => {
  expect(() => consume(charge, { read, decide: () => ({}) })).toThrow(
    /test\/charge declares an outside effect \(till\)/,
  );
});
