/** The endpoint as a client sees it, over plain HTTP; an answer that does not come is `undefined`, as nobody knows what happened. */
export type Answer = { status: number; body: any } | undefined;

const credential = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=x`;

const targets: Record<string, string> = {
  sqs: 'AmazonSQS',
  events: 'AWSEvents',
  dynamodb: 'DynamoDB_20120810',
  states: 'AWSStepFunctions',
};

export class Aws {
  constructor(readonly endpoint: string) {}

  /** A JSON protocol's operation. */
  async ask(service: 'sqs' | 'events' | 'dynamodb' | 'states', operation: string, input: object): Promise<Answer> {
    return this.send(service, 'POST', '/', JSON.stringify(input), {
      'x-amz-target': `${targets[service]}.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    });
  }

  async send(service: string, method: string, path: string, body?: string, headers: object = {}): Promise<Answer> {
    try {
      const response = await fetch(`${this.endpoint}${path}`, {
        method,
        body,
        headers: { authorization: credential(service), ...headers },
      });
      const text = await response.text();
      // Still starting, or stopping: nothing was done.
      if (response.status === 503) return undefined;
      return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
    } catch {
      return undefined;
    }
  }

  /** One that has to succeed. */
  async demand(service: 'sqs' | 'events' | 'dynamodb' | 'states', operation: string, input: object): Promise<any> {
    const answer = await this.ask(service, operation, input);
    if (answer?.status !== 200) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
    return answer.body;
  }
}
