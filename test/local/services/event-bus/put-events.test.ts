import { Driver, queue } from './support';

const entry = { Source: 'shop', DetailType: 'Sold', Detail: '{"n":1}' };

describe('PutEvents', () => {
  // Source: User Guide, "Event structure"; field order as recorded from AWS.
  test('a target gets the event as AWS writes it, the detail with its digits and order', () => {
    const bus = new Driver();
    bus.rule('all', { source: ['shop'] }, { Arn: queue('jobs') });
    const Detail = ' { "z" : 1.50, "big": 12345678901234567890, "text": "a  b \\" c" , "list" : [ 1 , 2 ] } ';
    const { Entries } = bus.ask('PutEvents', {
      Entries: [{ ...entry, Detail, Resources: ['arn:x'], Time: Date.UTC(2026, 0, 1) / 1000 + 0.7 }],
    });
    expect(bus.taken().map(({ to, operation, input }) => [to, operation, input])).toEqual([
      [
        'sqs',
        'SendMessage',
        {
          QueueUrl: 'http://aws.local/123456789012/jobs',
          MessageBody:
            `{"version":"0","id":"${Entries[0].EventId}","detail-type":"Sold","source":"shop","account":"123456789012",` +
            '"time":"2026-01-01T00:00:00Z","region":"eu-central-1","resources":["arn:x"],' +
            '"detail":{"z":1.50,"big":12345678901234567890,"text":"a  b \\" c","list":[1,2]}}',
        },
      ],
    ]);
  });

  // Source: texts as recorded from AWS; API reference, PutEventsResultEntry.
  test('bad entries fail in their place, the others are taken', () => {
    const bus = new Driver();
    const { FailedEntryCount, Entries } = bus.ask('PutEvents', {
      Entries: [
        { ...entry, Source: undefined },
        { ...entry, DetailType: '' },
        { ...entry, Detail: undefined },
        { ...entry, Detail: '{"a":' },
        { ...entry, Detail: '[1]' },
        { ...entry, Detail: '"text"' },
        { ...entry, Source: 'aws.shop' },
        { ...entry, Detail: `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}` },
        entry,
      ],
    });
    expect(FailedEntryCount).toBe(8);
    const required = (name: string) => `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    expect(Entries.map(({ ErrorCode, ErrorMessage }: Record<string, string>) => [ErrorCode, ErrorMessage])).toEqual([
      ['InvalidArgument', required('Source')],
      ['InvalidArgument', required('DetailType')],
      ['InvalidArgument', required('Detail')],
      ['MalformedDetail', 'Detail is malformed.'],
      ['MalformedDetail', 'Detail is malformed.'],
      ['MalformedDetail', 'Detail is malformed.'],
      ['NotAuthorizedForSourceException', 'Not authorized for the source.'],
      ['MalformedDetail', 'Detail is malformed.'],
      [undefined, undefined],
    ]);
    expect(Entries[8].EventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(bus.kinds()).toEqual(['published']);
  });

  test.each([
    ['no entries', [], /^ValidationException: .*at 'entries'.*greater than or equal to 1$/],
    ['11 entries', Array(11).fill(entry), /^ValidationException: .*'entries' .*less than or equal to 10$/],
    ['a long detail-type', [{ ...entry, DetailType: 'x'.repeat(129) }], /'entries.1.member.detailType'.*equal to 128$/],
  ])('%s: the whole request fails', (_name, Entries, message) => {
    expect(() => new Driver().ask('PutEvents', { Entries })).toThrow(message);
  });

  // Source: User Guide, "Calculating event entry size": 14 bytes for the time, then UTF-8 bytes; below 1 MB in all.
  test.each([
    [0, true],
    [1, false],
  ])('the size counts bytes of all members; %i too many', (more, taken) => {
    const fixed = { Source: 'é', DetailType: 'Sold', Resources: ['ab', 'c'], Time: 0 };
    const room = 1024 * 1024 - 1 - (2 + 4 + 3 + 14) - '{"a":""}'.length;
    const put = () =>
      new Driver().ask('PutEvents', { Entries: [{ ...fixed, Detail: `{"a":"${'x'.repeat(room + more)}"}` }] });
    if (taken) expect(put().FailedEntryCount).toBe(0);
    else expect(put).toThrow('ValidationException: Total size of the entries in the request is over the limit.');
  });

  // Source: recorded from AWS: both entries get an id, only the one for the bus that exists arrives.
  test('an entry for a bus that does not exist is taken and goes nowhere', () => {
    const bus = new Driver();
    bus.rule('all', { source: ['shop'] }, { Arn: queue('jobs') });
    const { FailedEntryCount, Entries } = bus.publish({}, { EventBusName: 'nowhere' });
    expect([FailedEntryCount, Entries[0].EventId]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(bus.taken()).toEqual([]);
    expect(bus.trace).toEqual([
      { kind: 'dropped', eventId: Entries[0].EventId, bus: 'nowhere', reason: "there is no event bus 'nowhere'" },
    ]);
  });

  test('a bus may be named by its ARN; each bus has its own rules', () => {
    const bus = new Driver();
    bus.ask('CreateEventBus', { Name: 'orders' });
    bus.ask('PutRule', { Name: 'r', EventBusName: 'orders', EventPattern: '{"source":["shop"]}' });
    bus.ask('PutTargets', { Rule: 'r', EventBusName: 'orders', Targets: [{ Id: 't', Arn: queue('jobs') }] });
    bus.publish({});
    expect(bus.taken()).toEqual([]);
    bus.publish({}, { EventBusName: 'arn:aws:events:eu-central-1:123456789012:event-bus/orders' });
    expect(bus.taken()).toHaveLength(1);
  });

  test('the trace says what was published', () => {
    const bus = new Driver();
    const { Entries } = bus.publish({ n: 7 });
    expect(bus.trace).toEqual([
      {
        kind: 'published',
        bus: 'default',
        id: Entries[0].EventId,
        source: 'shop',
        detailType: 'Sold',
        detail: { n: 7 },
      },
    ]);
  });

  test('the same seed gives the same ids, another seed others', () => {
    const id = (seed: string): string => new Driver(seed).publish().Entries[0].EventId;
    expect(id('a')).toBe(id('a'));
    expect(id('a')).not.toBe(id('b'));
  });
});
