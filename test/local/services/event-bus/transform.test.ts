import { arnOf, Driver, queue } from './support';

const detail = {
  id: 'o-1',
  text: 'say "hi"',
  n: 5,
  ok: true,
  none: null,
  one: ['HIGH'],
  two: ['A', 'B'],
  nested: { a: 'x', list: [{ k: 1 }, { k: 2 }] },
};

/** What the queue gets; undefined when nothing is delivered. */
function body(target: object): string | undefined {
  const bus = new Driver();
  bus.rule('sold', { source: ['shop'] }, { Arn: queue('jobs'), ...target });
  bus.publish(detail);
  return bus.taken()[0]?.input.MessageBody;
}

const paths = {
  id: '$.detail.id',
  text: '$.detail.text',
  n: '$.detail.n',
  ok: '$.detail.ok',
  none: '$.detail.none',
  one: '$.detail.one',
  two: '$.detail.two',
  nested: '$.detail.nested',
  missing: '$.detail.missing',
  type: '$.detail-type',
};
const filled = (InputTemplate: string): string | undefined =>
  body({ InputTransformer: { InputPathsMap: paths, InputTemplate } });

describe('what a target gets', () => {
  test.each([
    ['{"fixed":1}', { Input: '{"fixed":1}' }],
    ['"Sold"', { InputPath: "$['detail-type']" }],
    ['{"a":"x","list":[{"k":1},{"k":2}]}', { InputPath: '$.detail.nested' }],
    ['2', { InputPath: '$.detail.nested.list[1].k' }],
    ['[1,2]', { InputPath: '$.detail.nested.list[*].k' }],
  ])('%s for %j', (text, target) => {
    expect(body(target)).toBe(text);
  });

  // Source: User Guide, "Amazon EventBridge input transformation"; how values stand in text and in JSON as recorded
  // from AWS.
  test.each([
    ['text: strings stand bare', '"<type> <id>, <n>, <ok>"', '"Sold o-1, 5, true"'],
    ['text: a missing value is nothing', '"[<missing>]"', '"[]"'],
    ['text: lists and objects lose their quotes', '"<one> <two> <nested>"', '"[HIGH] [A,B] {a:x,list:[{k:1},{k:2}]}"'],
    ['text of several lines', '"<id>"\n"n is <n>"', '"o-1"\n"n is 5"'],
    ['text may begin like JSON', '"{[ <id>"', '"{[ o-1"'],
    [
      'JSON: values keep their kind',
      '{"a": <id>, "b":<n>,"c":<ok>,"d":<none>,"e":<two>}',
      '{"a": "o-1", "b":5,"c":true,"d":null,"e":["A","B"]}',
    ],
    ['JSON: a missing value is an empty string', '{"a":<missing>}', '{"a":""}'],
    ['JSON: inside of strings', '{"a":"/<id>/<n>/<missing>"}', '{"a":"/o-1/5/"}'],
    ['JSON: escaped quotes do not end a string', '{"a":"\\"<id>\\" <id>"}', '{"a":"\\"o-1\\" o-1"}'],
    ['JSON: in a list', '[<id>,"x"]', '["o-1","x"]'],
  ])('%s', (_name, template, text) => {
    expect(filled(template)).toBe(text);
  });

  test.each([
    ['an object inside of a JSON string', '{"a":"<nested>"}'],
    ['a list inside of a JSON string', '{"a":"<one>"}'],
    ['a value with quotes inside of a string: nothing is escaped', '{"a":"<text>"}'],
    ['text that stands outside of quotes', '<one> single item'],
  ])('%s is no JSON and not delivered', (_name, template) => {
    expect(filled(template)).toBeUndefined();
  });

  test('what is no JSON goes to the dead letters, untransformed', () => {
    const bus = new Driver();
    bus.rule(
      'sold',
      { source: ['shop'] },
      {
        Arn: queue('jobs'),
        DeadLetterConfig: { Arn: queue('dead') },
        InputTransformer: { InputPathsMap: paths, InputTemplate: '{"a":"<one>"}' },
      },
    );
    bus.publish(detail);
    const [letter] = bus.taken();
    expect(letter?.input.MessageAttributes.ERROR_CODE.StringValue).toBe('INVALID_JSON');
    expect(JSON.parse(letter?.input.MessageBody).detail).toEqual(detail);
  });

  // Source: User Guide, "Predefined variables"; the shape of aws.events.event as recorded from AWS.
  test('predefined variables', () => {
    expect(filled('"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>"')).toBe(
      `"sold ${arnOf('events', 'rule/sold')} 2026-01-31T12:00:00Z"`,
    );
    const { event, json } = JSON.parse(filled('{"event":<aws.events.event>,"json":<aws.events.event.json>}')!);
    expect(event).toEqual({
      id: json.id,
      account: '123456789012',
      detailType: 'Sold',
      time: '2026-01-31T12:00:00Z',
      source: 'shop',
      region: 'eu-central-1',
      resources: [],
      version: '0',
    });
    expect(json).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Sold',
      source: 'shop',
      account: '123456789012',
      time: '2026-01-31T12:00:00Z',
      region: 'eu-central-1',
      resources: [],
      detail,
    });
  });
});
