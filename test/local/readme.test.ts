/** lib/local/README.md says what there is: operations, resource types, and the tests that it names. Nothing more or less. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../lib/local/assembly';
import { seededRandom } from '../../lib/local/random';
import { createServices, resourceTypes } from '../../lib/local/services';
import type { Service } from '../../lib/local/services/service';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'lib', 'local', 'README.md'), 'utf8');

const services = createServices(
  { account: '123456789012', region: 'us-east-1', endpoint: 'http://127.0.0.1:4566', random: seededRandom('readme') },
  { stacks: [], resources: [], outputs: [], observers: [], refusals: [] } as unknown as Plan,
  0,
);

/** The clients that know every operation of a service; the others tell what they model when they refuse. */
const clients: Record<string, string> = {
  dynamodb: 'dynamodb',
  sqs: 'sqs',
  s3: 's3',
  scheduler: 'scheduler',
  events: 'eventbridge',
  lambda: 'lambda',
  cloudformation: 'cloudformation',
  states: 'sfn',
  sns: 'sns',
  ssm: 'ssm',
  secretsmanager: 'secrets-manager',
};

const unknown = ['UnknownOperationException', 'InvalidAction', 'NotImplemented'];

/** A service is asked with nothing in the request: anything but 'I do not know that operation' means that it does. */
function models(service: Service, operation: string): boolean {
  try {
    const reply = service.apply(0, { operation, input: {}, requestId: 'readme' }).reply;
    return !unknown.includes(reply?.error?.name ?? '');
  } catch {
    return true;
  }
}

/** Operations that another client has, of a service that answers for both. */
const others: Record<string, string[]> = {
  dynamodb: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'],
};

/** Every operation that AWS has, or, where no client is installed, that the service's own refusal lists. */
function operationsOf(service: Service): string[] {
  const client = clients[service.name];
  if (client) {
    const names = Object.keys(require(`@aws-sdk/client-${client}`));
    const own = names.filter((name) => /^[A-Z]\w+Command$/.test(name)).map((name) => name.replace(/Command$/, ''));
    return [...own, ...(others[service.name] ?? [])];
  }
  const refusal = service.apply(0, { operation: 'NoSuchOperation', input: {}, requestId: 'readme' }).reply?.error;
  const listed = /modelled: ([\w, ]+)\.$/.exec(refusal?.message ?? '')?.[1];
  if (!listed)
    throw new Error(`${service.name} neither has a client here nor says what it models: ${refusal?.message}`);
  return listed.split(', ');
}

/** The rows of the table below `## name`, by their first cell. */
function rows(section: string, kind: string): string[] {
  const [, text] = new RegExp(`^## ${section}\\b[^\\n]*\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(readme) ?? [];
  return (text ?? '').split('\n').filter((line) => new RegExp(`^\\| ${kind} +\\|`).test(line));
}

/** What stands in backticks in the second cell. */
const quoted = (row: string): string[] => [...row.split('|')[2]!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
const operationName = /^[A-Z][A-Za-z0-9]+$/;

describe.each(services.map((service) => [service.name, service] as const))('%s', (name, service) => {
  const listed = rows(name, 'modelled')
    .flatMap(quoted)
    .filter((text) => operationName.test(text));

  test('every operation that it models is listed, and no other', () => {
    const modelled = operationsOf(service).filter((operation) => models(service, operation));
    expect(modelled.length).toBeGreaterThan(0);
    expect([...listed].sort()).toEqual(modelled.sort());
  });

  test('every other operation that AWS has is listed as refused, and is', () => {
    const operations = operationsOf(service);
    const refused = rows(name, 'refused')
      .flatMap(quoted)
      .filter((text) => operations.includes(text));
    const missing = operations.filter((operation) => !models(service, operation) && !refused.includes(operation));
    // Remedy: model them, or add them to the row of what is not modelled.
    expect(missing).toEqual([]);
    expect(refused.filter((operation) => models(service, operation))).toEqual([]);
  });
});

test('every resource type is listed as what it is, and no other', () => {
  const types = Object.entries(resourceTypes);
  const listed = (kind: string): string[] =>
    rows('assembly', kind)
      .flatMap(quoted)
      .filter((text) => text.startsWith('AWS::'))
      .sort();
  const names = (observes: boolean): string[] =>
    types
      .filter(([, type]) => Boolean(type.observes) === observes)
      .map(([type]) => type)
      .sort();
  expect(listed('created')).toEqual(names(false));
  expect(listed('observed')).toEqual(names(true));
});

test('every row names a test or says that there is none, and every test that is named exists', () => {
  const body = readme.split('\n').filter((line) => /^\| (modelled|refused|differs|created|observed) +\|/.test(line));
  expect(body.length).toBeGreaterThan(services.length);
  expect(body.filter((line) => !/`test\/[\w./-]+`|\| none yet +\|$/.test(line))).toEqual([]);
  const named = [...readme.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect([...new Set(named)].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
