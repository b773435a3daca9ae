/**
 * `aws-sdk:<service>:<operation>` for every operation of every service that runs here.
 * Source: Step Functions developer guide, "AWS SDK service integrations" (names of services, exception prefixes).
 */
import type { Plan } from '../../../../lib/local/assembly';
import { seededRandom } from '../../../../lib/local/random';
import { createServices } from '../../../../lib/local/services';
import type { Json } from '../../../../lib/local/services/service';
import { integrationOf } from '../../../../lib/local/services/state-machine/integrations';
import { Harness, only } from './harness';

const services = createServices(
  { account: '123456789012', region: 'us-east-1', endpoint: 'http://local', random: seededRandom('sdk') },
  { stacks: [], resources: [], outputs: [], observers: [], refusals: [] } as unknown as Plan,
  0,
);
/** As Step Functions writes it, the client that knows its operations, and one of them with an error of its own. */
const known: [sdk: string, service: string, client: string | undefined, operation: string, error: string][] = [
  ['dynamodb', 'dynamodb', 'dynamodb', 'query', 'DynamoDb.ResourceNotFoundException'],
  ['sqs', 'sqs', 'sqs', 'receiveMessage', 'Sqs.ResourceNotFoundException'],
  ['sns', 'sns', 'sns', 'publish', 'Sns.ResourceNotFoundException'],
  ['eventbridge', 'events', 'eventbridge', 'putRule', 'EventBridge.ResourceNotFoundException'],
  ['lambda', 'lambda', 'lambda', 'invoke', 'Lambda.ResourceNotFoundException'],
  ['s3', 's3', 's3', 'getObject', 'S3.ResourceNotFoundException'],
  ['scheduler', 'scheduler', 'scheduler', 'createSchedule', 'Scheduler.ResourceNotFoundException'],
  ['ssm', 'ssm', 'ssm', 'getParameter', 'Ssm.ResourceNotFoundException'],
  ['secretsmanager', 'secretsmanager', 'secrets-manager', 'getSecretValue', 'SecretsManager.ResourceNotFoundException'],
  ['sfn', 'states', 'sfn', 'startExecution', 'Sfn.ResourceNotFoundException'],
  ['cloudformation', 'cloudformation', 'cloudformation', 'describeStacks', 'CloudFormation.ResourceNotFoundException'],
  ['cloudwatch', 'cloudwatch', undefined, 'putMetricData', 'CloudWatch.ResourceNotFoundException'],
  ['cloudwatchlogs', 'logs', undefined, 'putLogEvents', 'CloudWatchLogs.ResourceNotFoundException'],
  ['sts', 'sts', undefined, 'getCallerIdentity', 'Sts.ResourceNotFoundException'],
];

test('every service that runs here has a name', () => {
  expect(known.map(([, service]) => service).sort()).toEqual(services.map(({ name }) => name).sort());
});

describe.each(known)('%s', (sdk, service, client, operation, error) => {
  const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

  test('each operation of its client is asked of the service', () => {
    const names = client ? Object.keys(require(`@aws-sdk/client-${client}`)) : [`${upper(operation)}Command`];
    const operations = names.filter((name) => /^[A-Z]\w+Command$/.test(name)).map((name) => name.slice(0, -7));
    expect(operations).toContain(upper(operation));
    for (const name of operations) {
      const resource = `arn:aws:states:::aws-sdk:${sdk}:${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      expect(integrationOf(resource)).toMatchObject({ to: service, operation: name, pattern: 'response' });
    }
  });

  test('its answer is the output, its error has its prefix', () => {
    const machine: Json = only({
      Type: 'Task',
      Resource: `arn:aws:states:::aws-sdk:${sdk}:${operation}`,
      Parameters: { Name: 'n' },
      Retry: [{ ErrorEquals: [error], IntervalSeconds: 1, MaxAttempts: 1 }],
    });
    const harness = new Harness();
    const arn = harness.start(machine);
    const { to, operation: asked } = harness.answer({ error: { name: 'ResourceNotFoundException', message: 'none' } });
    expect([to, asked]).toEqual([service, upper(operation)]);
    harness.pass(1000);
    harness.answer({ output: { Found: 1 } });
    expect(harness.ran(arn)).toMatchObject({ status: 'SUCCEEDED', output: { Found: 1 } });
  });
});
