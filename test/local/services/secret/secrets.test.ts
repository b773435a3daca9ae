/**
 * AWS Secrets Manager. Source: API reference, page of each operation; answers and texts as recorded from AWS in
 * tests/aws/services/secretsmanager of localstack/localstack (Apache-2.0).
 */
import { seededRandom } from '../../../../lib/local/random';
import { createSecretService } from '../../../../lib/local/services/secret';
import { generated, password } from '../../../../lib/local/services/secret/password';
import type { Json, Reply, Service } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

const options = { account: '123456789012', region: 'eu-west-1', endpoint: 'http://here:1' };
const day = 86_400_000;

let now: number;
let secrets: Service;
beforeEach(() => {
  now = Date.UTC(2026, 10, 24, 9, 0, 0);
  secrets = restoring(() => createSecretService({ ...options, random: seededRandom('secrets') }));
});
const ask = (operation: string, input: Json): Reply => secrets.apply(now, { operation, input, requestId: 'r' }).reply!;
const call = (operation: string, input: Json): Json => {
  const { output, error } = ask(operation, input);
  if (error) throw new Error(`${error.name}: ${error.message}`);
  return JSON.parse(JSON.stringify(output));
};
const create = (Name: string, SecretString?: string, more: Json = {}): Json =>
  call('CreateSecret', { Name, SecretString, ...more });
const value = (more: Json = {}): string => call('GetSecretValue', { SecretId: 's', ...more }).SecretString;
const token = (letter: string): string => letter.repeat(32);

test('a secret is created, read by name, ARN and half an ARN, and described', () => {
  const { ARN, VersionId } = create('s', 'my_secret', { Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] });
  expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-[A-Za-z0-9]{6}$/);
  for (const SecretId of ['s', ARN, ARN.slice(0, -7)]) {
    expect(call('GetSecretValue', { SecretId })).toEqual({
      ARN,
      Name: 's',
      VersionId,
      SecretString: 'my_secret',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: now / 1000,
    });
  }
  expect(call('DescribeSecret', { SecretId: 's' })).toEqual({
    ARN,
    Name: 's',
    Description: 'd',
    CreatedDate: now / 1000,
    LastChangedDate: now / 1000,
    LastAccessedDate: Date.UTC(2026, 10, 24) / 1000,
    Tags: [{ Key: 'k', Value: 'v' }],
    VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] },
  });
});

test('a new value is current, the one before previous, the one before that deprecated', () => {
  const first = create('s', 'one').VersionId;
  const put = (SecretString: string): string => call('PutSecretValue', { SecretId: 's', SecretString }).VersionId;
  const second = put('two');
  expect([value(), value({ VersionStage: 'AWSPREVIOUS' }), value({ VersionId: first })]).toEqual(['two', 'one', 'one']);
  const third = put('three');
  const versions = (more: Json = {}): [string, string[] | undefined][] =>
    call('ListSecretVersionIds', { SecretId: 's', ...more }).Versions.map(({ VersionId, VersionStages }: Json) => [
      VersionId,
      VersionStages,
    ]);
  expect(versions()).toEqual([
    [second, ['AWSPREVIOUS']],
    [third, ['AWSCURRENT']],
  ]);
  expect(versions({ IncludeDeprecated: true })[0]).toEqual([first, undefined]);
});

test('labels of one’s own; the current one moves as rotation moves it', () => {
  const first = create('s', 'one').VersionId;
  const { VersionId, VersionStages } = call('PutSecretValue', {
    SecretId: 's',
    SecretString: 'next',
    VersionStages: ['PENDING'],
  });
  expect(VersionStages).toEqual(['PENDING']);
  expect([value(), value({ VersionStage: 'PENDING' })]).toEqual(['one', 'next']);
  const move = { SecretId: 's', VersionStage: 'AWSCURRENT', MoveToVersionId: VersionId };
  expect(() => call('UpdateSecretVersionStage', move)).toThrow(/currently attached to version/);
  call('UpdateSecretVersionStage', { ...move, RemoveFromVersionId: first });
  expect(call('DescribeSecret', { SecretId: 's' }).VersionIdsToStages).toEqual({
    [first]: ['AWSPREVIOUS'],
    [VersionId]: ['AWSCURRENT', 'PENDING'],
  });
  call('UpdateSecretVersionStage', { SecretId: 's', VersionStage: 'PENDING', RemoveFromVersionId: VersionId });
  expect(call('GetSecretValue', { SecretId: 's' }).VersionStages).toEqual(['AWSCURRENT']);
});

test('the same token is the same version, and no other value', () => {
  create('s', 'one', { ClientRequestToken: token('a') });
  expect(create('s', 'one', { ClientRequestToken: token('a') }).VersionId).toBe(token('a'));
  const put = (SecretString: string) =>
    call('PutSecretValue', { SecretId: 's', SecretString, ClientRequestToken: token('b') }).VersionId;
  expect([put('two'), put('two')]).toEqual([token('b'), token('b')]);
  expect(() => put('three')).toThrow('ResourceExistsException');
  expect(() => create('s', 'two')).toThrow(
    'ResourceExistsException: The operation failed because the secret s already exists.',
  );
});

test('an update changes what it names', () => {
  create('s', 'one', { Description: 'old' });
  expect(call('UpdateSecret', { SecretId: 's', Description: 'new' })).not.toHaveProperty('VersionId');
  expect(call('UpdateSecret', { SecretId: 's', SecretBinary: 'AgME' })).toHaveProperty('VersionId');
  expect(call('GetSecretValue', { SecretId: 's' }).SecretBinary).toBe('AgME');
  expect(call('DescribeSecret', { SecretId: 's' }).Description).toBe('new');
});

describe('a deleted secret', () => {
  const marked = "You can't perform this operation on the secret because it was marked for deletion.";

  test('stays for its window, is restored or goes', () => {
    create('s', 'one');
    const { DeletionDate } = call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 });
    expect(DeletionDate).toBe((now + 7 * day) / 1000);
    expect(() => value()).toThrow(`InvalidRequestException: ${marked}`);
    expect(() => call('TagResource', { SecretId: 's', Tags: [] })).toThrow(marked);
    expect(call('DescribeSecret', { SecretId: 's' }).DeletedDate).toBe(now / 1000);
    expect(call('ListSecrets', {}).SecretList).toEqual([]);
    expect(() => create('s', 'two')).toThrow(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
    call('RestoreSecret', { SecretId: 's' });
    expect(value()).toBe('one');
    call('DeleteSecret', { SecretId: 's' });
    now += 30 * day - 1;
    expect(call('DescribeSecret', { SecretId: 's' }).Name).toBe('s');
    now += 1;
    expect(secrets.wake(now).wakeAt).toBeUndefined();
    expect(() => call('DescribeSecret', { SecretId: 's' })).toThrow('ResourceNotFoundException');
  });

  test('is gone at once by force', () => {
    create('s', 'one');
    call('DeleteSecret', { SecretId: 's', ForceDeleteWithoutRecovery: true });
    create('s', 'two');
    expect(value()).toBe('two');
    expect(call('DeleteSecret', { SecretId: 'none', ForceDeleteWithoutRecovery: true }).Name).toBe('none');
  });
});

test('secrets are listed by what they begin with; a page has its limit', () => {
  create('app/a', '1', { Description: 'red' });
  create('app/b', '2', { Tags: [{ Key: 'team', Value: 'x' }] });
  create('other', '3');
  const names = (input: Json): string[] => call('ListSecrets', input).SecretList.map(({ Name }: Json) => Name);
  const by = (Key: string, ...Values: string[]): Json => ({ SortOrder: 'asc', Filters: [{ Key, Values }] });
  expect(names({})).toEqual(['other', 'app/b', 'app/a']);
  expect(names(by('name', 'app/'))).toEqual(['app/a', 'app/b']);
  expect(names(by('name', '!app/'))).toEqual(['other']);
  expect(names(by('tag-key', 'team'))).toEqual(['app/b']);
  expect(names(by('description', 're'))).toEqual(['app/a']);
  const { NextToken } = call('ListSecrets', { MaxResults: 2 });
  expect(names({ MaxResults: 2, NextToken })).toEqual(['app/a']);
});

test('several values at once: what is not there is named', () => {
  create('a', '1');
  const { SecretValues, Errors } = call('BatchGetSecretValue', { SecretIdList: ['a', 'none'] });
  expect(SecretValues.map(({ SecretString }: Json) => SecretString)).toEqual(['1']);
  expect(Errors).toEqual([
    {
      SecretId: 'none',
      ErrorCode: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    },
  ]);
});

test('policies and tags are kept and given back', () => {
  create('s', '1');
  call('PutResourcePolicy', { SecretId: 's', ResourcePolicy: '{"Statement":[]}' });
  expect(call('GetResourcePolicy', { SecretId: 's' }).ResourcePolicy).toBe('{"Statement":[]}');
  call('DeleteResourcePolicy', { SecretId: 's' });
  expect(call('GetResourcePolicy', { SecretId: 's' })).not.toHaveProperty('ResourcePolicy');
  call('TagResource', { SecretId: 's', Tags: [{ Key: 'a', Value: 'b' }] });
  call('UntagResource', { SecretId: 's', TagKeys: ['a'] });
  expect(call('DescribeSecret', { SecretId: 's' })).not.toHaveProperty('Tags');
});

test.each<[string, string, Json, string | RegExp]>([
  [
    'a name with a space',
    'CreateSecret',
    { Name: 'Inv Name' },
    'ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  ],
  [
    'what is not there',
    'GetSecretValue',
    { SecretId: 'none' },
    "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
  ],
  [
    'a label that is not there',
    'GetSecretValue',
    { SecretId: 's', VersionStage: 'AWSPREVIOUS' },
    "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
  ],
  [
    'a version that is not there',
    'GetSecretValue',
    { SecretId: 's', VersionId: token('z') },
    `ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: ${token('z')}`,
  ],
  [
    'a label of another version',
    'GetSecretValue',
    { SecretId: 's', VersionId: token('a'), VersionStage: 'X' },
    'InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId.',
  ],
  [
    'a secret without value',
    'GetSecretValue',
    { SecretId: 'empty' },
    "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  ],
  [
    'text and bytes',
    'PutSecretValue',
    { SecretId: 's', SecretString: 'a', SecretBinary: 'AgME' },
    /^InvalidParameterException: You must provide either/,
  ],
  ['65,537 bytes', 'PutSecretValue', { SecretId: 's', SecretString: 'x'.repeat(65_537) }, /65537 bytes; at most 65536/],
  [
    'force and a window',
    'DeleteSecret',
    { SecretId: 's', ForceDeleteWithoutRecovery: true, RecoveryWindowInDays: 7 },
    /^InvalidParameterException/,
  ],
  ['a window of 6 days', 'DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 6 }, /between 7 and 30 days/],
  [
    'the current label taken off',
    'UpdateSecretVersionStage',
    { SecretId: 's', VersionStage: 'AWSCURRENT', RemoveFromVersionId: token('a') },
    /^InvalidParameterException: You can only move staging label AWSCURRENT/,
  ],
  [
    'rotation, by name',
    'RotateSecret',
    { SecretId: 's' },
    "UnknownOperationException: Secrets Manager's RotateSecret is not modelled by the local runtime.",
  ],
])('refused: %s', (_, operation, input, said) => {
  create('s', '1', { ClientRequestToken: token('a') });
  create('empty');
  const { error } = ask(operation, input);
  const text = `${error?.name}: ${error?.message}`;
  if (said instanceof RegExp) expect(text).toMatch(said);
  else expect(text).toBe(said);
});

// Source: API GetRandomPassword.
describe('passwords', () => {
  const make = (input: Json): string => password(seededRandom('p'), input);

  test('32 characters, of each kind one at least; the same chance makes the same', () => {
    const made = make({});
    expect(made).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/]) expect(made).toMatch(kind);
    expect(make({})).toBe(made);
    expect(call('GetRandomPassword', { PasswordLength: 9 }).RandomPassword).toHaveLength(9);
  });

  test.each<[string, Json, RegExp]>([
    [
      'digits only',
      { PasswordLength: 200, ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true },
      /^[0-9]{200}$/,
    ],
    [
      'without some',
      { PasswordLength: 500, ExcludePunctuation: true, ExcludeCharacters: 'abc012' },
      /^[d-zA-Z3-9]{500}$/,
    ],
    ['with a space', { PasswordLength: 4, IncludeSpace: true, ExcludePunctuation: true }, / /],
    ['words for truth, as templates have them', { ExcludePunctuation: 'true' }, /^[A-Za-z0-9]{32}$/],
  ])('%s', (_, input, expected) => expect(make(input)).toMatch(expected));

  test.each<[string, Json, string]>([
    ['no length', { PasswordLength: 0 }, 'PasswordLength is 0; allowed are 1 to 4096 characters.'],
    ['too short for all kinds', { PasswordLength: 3 }, '4 kinds of characters are required'],
    [
      'nothing left',
      { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true },
      'Every character is excluded',
    ],
  ])('refused: %s', (_, input, said) => expect(() => make(input)).toThrow(said));

  test('inside of a JSON text', () => {
    const input = { SecretStringTemplate: '{"user":"ada"}', GenerateStringKey: 'password', PasswordLength: 8 };
    const made = JSON.parse(generated(seededRandom('p'), input));
    expect(made).toEqual({ user: 'ada', password: make({ PasswordLength: 8 }) });
    expect(() => generated(seededRandom('p'), { SecretStringTemplate: '{}' })).toThrow('belong together');
    expect(() => generated(seededRandom('p'), { ...input, SecretStringTemplate: 'x' })).toThrow('is not JSON: x');
  });
});
