/** One Step Functions service on a clock of its own, and what its calls to others are answered with. */

import { seededRandom } from '../../../../lib/local/random';
import type { Effect, Json, Reply, Service } from '../../../../lib/local/services/service';
import { createStateMachineService } from '../../../../lib/local/services/state-machine';
import { restoring } from '../../../support/restoring';

export const role = 'arn:aws:iam::123456789012:role/machine';
export const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:work';
export type Call = Extract<Effect, { kind: 'call' }>;

export interface Ran {
  status: string;
  output: Json;
  error?: string;
  cause?: string;
}

export class Harness {
  now = 1_700_000_000_000;
  readonly service: Service;
  readonly calls: Call[] = [];
  readonly replies = new Map<string, Reply>();
  private wakeAt: number | undefined;
  private requests = 0;
  private machines = 0;

  constructor(seed = 'test') {
    this.service = restoring(() =>
      createStateMachineService({
        account: '123456789012',
        region: 'us-east-1',
        random: seededRandom(seed),
        endpoint: 'http://local',
      }),
    );
  }

  ask(operation: string, input: Json = {}): Reply {
    const requestId = `r${++this.requests}`;
    const outcome = this.service.apply(this.now, { operation, input, requestId });
    this.take(outcome.effects, outcome.wakeAt);
    return outcome.reply ?? this.replies.get(requestId) ?? { error: { name: 'no answer yet', message: requestId } };
  }

  /** The output; throws what was refused. */
  must(operation: string, input: Json = {}): Json {
    const { output, error } = this.ask(operation, input);
    if (error) throw new Error(`${error.name}: ${error.message}`);
    return output;
  }

  refusal(operation: string, input: Json = {}): string | undefined {
    return this.ask(operation, input).error?.name;
  }

  machine(definition: Json, more: Json = {}): string {
    const name = `m${++this.machines}`;
    const text = JSON.stringify(definition);
    return this.must('CreateStateMachine', { name, definition: text, roleArn: role, ...more }).stateMachineArn;
  }

  start(definition: Json, input: Json = {}, more: Json = {}): string {
    const stateMachineArn = this.machine(definition);
    return this.must('StartExecution', { stateMachineArn, input: JSON.stringify(input), ...more }).executionArn;
  }

  /** Starts, and lets time pass until nothing is due. */
  run(definition: Json, input: Json = {}): Ran {
    const arn = this.start(definition, input);
    this.settle();
    return this.ran(arn);
  }

  ran(executionArn: string): Ran {
    const { status, output, error, cause } = this.must('DescribeExecution', { executionArn });
    return { status, output: output === undefined ? undefined : JSON.parse(output), error, cause };
  }

  events(executionArn: string): Json[] {
    return this.must('GetExecutionHistory', { executionArn, maxResults: 1000 }).events;
  }

  /** 'id<previous Type' of each event. */
  chain(executionArn: string): string[] {
    return this.events(executionArn).map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);
  }

  pass(ms: number): void {
    const until = this.now + ms;
    while (this.wakeAt !== undefined && this.wakeAt <= until) this.wake();
    this.now = until;
  }

  /** Everything that time alone brings within a day. */
  settle(): void {
    const until = this.now + 86_400_000;
    while (this.wakeAt !== undefined && this.wakeAt <= until) this.wake();
  }

  /** Answers the oldest call that waits. */
  answer(reply: Reply): Call {
    const call = this.calls.shift();
    if (!call) throw new Error('no call waits for an answer');
    const outcome = this.service.apply(this.now, {
      operation: '$reply',
      input: { tag: call.tag, reply },
      requestId: 'reply',
    });
    this.take(outcome.effects, outcome.wakeAt);
    return call;
  }

  /** Answers as a Lambda function that gave `value`. */
  returns(value: Json): Call {
    return this.answer({ output: { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: base64(value) } });
  }

  /** Answers as a Lambda function that threw. */
  throws(errorType: string, errorMessage = 'no'): Call {
    const Payload = base64({ errorType, errorMessage });
    return this.answer({ output: { StatusCode: 200, FunctionError: 'Unhandled', Payload } });
  }

  private wake(): void {
    this.now = Math.max(this.now, this.wakeAt!);
    const outcome = this.service.wake(this.now);
    this.take(outcome.effects, outcome.wakeAt);
  }

  private take(effects: Effect[] = [], wakeAt: number | undefined): void {
    this.wakeAt = wakeAt;
    for (const effect of effects) {
      if (effect.kind === 'call') this.calls.push(effect);
      if (effect.kind === 'reply') this.replies.set(effect.requestId, effect.reply);
    }
  }
}

const base64 = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64');

/** A machine of one state. */
export const only = (state: Json, more: Json = {}): Json => ({
  StartAt: 'S',
  States: { S: ['Succeed', 'Fail', 'Choice'].includes(state.Type) ? state : { End: true, ...state } },
  ...more,
});

export const task = (more: Json = {}): Json => only({ Type: 'Task', Resource: functionArn, ...more });
