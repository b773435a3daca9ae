/**
 * The AWS side of the command line: unmodified SDK clients, on the local endpoint or on AWS, and what the stacks put out.
 * Local by default, so that nothing touches an account by accident: `--aws` or AWS_ENDPOINT_URL says otherwise.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { CliError } from './errors';

export interface WhereOptions {
  aws?: boolean;
  endpointUrl?: string;
  port?: number;
  region?: string;
}

export const defaultPort = 4566;

export class Aws {
  private known: Map<string, string> | undefined;
  private readonly clients = new Map<string, unknown>();

  private constructor(readonly endpoint: string | undefined) {}

  static at(where: WhereOptions): Aws {
    if (where.aws) return new Aws(undefined);
    const endpoint =
      where.endpointUrl ?? process.env.AWS_ENDPOINT_URL ?? `http://127.0.0.1:${where.port ?? defaultPort}`;
    if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
      const said = where.endpointUrl === undefined ? 'AWS_ENDPOINT_URL' : '--endpoint-url';
      throw new CliError(`${said} is '${endpoint}', which is no URL such as http://127.0.0.1:${defaultPort}.`, 2);
    }
    return new Aws(endpoint);
  }

  /** For messages: where we are talking to. */
  get place(): string {
    return this.endpoint ? `the local runtime at ${this.endpoint}` : 'AWS';
  }

  async events(): Promise<EventBridgeClient> {
    const { EventBridgeClient: Client } = await import('@aws-sdk/client-eventbridge');
    return this.client('events', () => new Client(this.config()));
  }

  async dynamodb(): Promise<DynamoDBClient> {
    const { DynamoDBClient: Client } = await import('@aws-sdk/client-dynamodb');
    return this.client('dynamodb', () => new Client(this.config()));
  }

  async sqs(): Promise<SQSClient> {
    const { SQSClient: Client } = await import('@aws-sdk/client-sqs');
    return this.client('sqs', () => new Client(this.config()));
  }

  async states(): Promise<SFNClient> {
    const { SFNClient: Client } = await import('@aws-sdk/client-sfn');
    return this.client('states', () => new Client(this.config()));
  }

  private async cloudformation(): Promise<CloudFormationClient> {
    const { CloudFormationClient: Client } = await import('@aws-sdk/client-cloudformation');
    return this.client('cloudformation', () => new Client(this.config()));
  }

  /** The value of a stack output; CliError when no stack has it. */
  async output(key: string): Promise<string> {
    const value = (await this.outputs()).get(key);
    if (value === undefined) {
      throw new CliError(`No stack at ${this.place} has an output '${key}'. Is Baton deployed there, in this version?`);
    }
    return value;
  }

  /** Every output of the Baton stacks. */
  async outputs(): Promise<Map<string, string>> {
    if (this.known) return this.known;
    const { paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation');
    const outputs = new Map<string, string>();
    const client = await this.cloudformation();
    await this.reach(async () => {
      for await (const page of paginateDescribeStacks({ client }, {})) {
        for (const stack of page.Stacks ?? []) {
          if (!stack.StackName?.startsWith('Baton')) continue;
          for (const { OutputKey, OutputValue } of stack.Outputs ?? []) outputs.set(OutputKey!, OutputValue!);
        }
      }
    });
    if (outputs.size === 0)
      throw new CliError(
        `No Baton stack at ${this.place}. Run 'npx cdk deploy --all' first, or 'npm start' for a local run.`,
      );
    this.known = outputs;
    return outputs;
  }

  /** Runs a request and translates what a user can do something about. */
  async reach<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      const { name, code, message } = error as Error & { code?: string };
      if (code === 'ECONNREFUSED' || name === 'ECONNREFUSED' || /ECONNREFUSED/.test(message)) {
        throw new CliError(
          `Nothing answers at ${this.endpoint}. Start the local runtime with 'npm start', or name another place with --port, --endpoint-url or --aws.`,
        );
      }
      if (this.endpoint && /deserialization error/i.test(message)) {
        throw new CliError(
          `What answers at ${this.endpoint} does not speak as AWS does. Is it the local runtime? See ${this.endpoint}/_baton/health.`,
        );
      }
      if (
        name === 'CredentialsProviderError' ||
        name === 'ExpiredTokenException' ||
        name === 'UnrecognizedClientException'
      ) {
        throw new CliError(
          `AWS does not accept the credentials (${name}: ${message}). Sign in, for example with 'aws sso login', and try again.`,
        );
      }
      throw error;
    }
  }

  private config(): object {
    if (!this.endpoint)
      return process.env.AWS_REGION || process.env.AWS_PROFILE
        ? {}
        : { region: process.env.AWS_DEFAULT_REGION ?? 'us-east-1' };
    return {
      endpoint: this.endpoint,
      region: process.env.AWS_REGION ?? 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 2,
    };
  }

  private client<T>(name: string, make: () => T): T {
    if (!this.clients.has(name)) this.clients.set(name, make());
    return this.clients.get(name) as T;
  }
}
