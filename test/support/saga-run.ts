/** One execution of a saga's machine on the local Step Functions, with the test in the place of everybody that is asked. */
import { sagaDefinition } from '../../lib/constructs/saga-definition';
import type { Reply } from '../../lib/contracts/kit';
import type { Saga } from '../../lib/contracts/saga';
import { Harness } from '../local/services/state-machine/harness';

export interface Asked {
  type: string;
  id: string;
  step: string;
  data: any;
  meta: any;
  reply: Reply;
}

export class SagaRun {
  readonly harness = new Harness('saga');
  readonly asked: Asked[] = [];
  private readonly arn: string;

  constructor(saga: Saga, data: object, name = 't-1') {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholder.
    const definition = JSON.parse(JSON.stringify(sagaDefinition(saga)).replaceAll('${BusName}', 'bus'));
    const input = { meta: { id: 'start-1', correlation: 'co', key: name, hop: 1 }, data: { tripId: name, ...data } };
    this.arn = this.harness.start(definition, input, { name });
    this.take();
  }

  /** Types asked so far, in order. */
  get types(): string[] {
    return this.asked.map(({ type }) => type);
  }

  last(step: string): Asked {
    const found = this.asked.filter((ask) => ask.step === step).at(-1);
    if (!found) throw new Error(`${step} was not asked; asked were ${this.types.join(', ')}`);
    return found;
  }

  yes(step: string, type: string, data: object = {}, token = this.last(step).reply.token): string | undefined {
    return this.tell('SendTaskSuccess', { taskToken: token, output: JSON.stringify({ step, type, data }) });
  }

  no(step: string, cause: string, error = 'Saga.Refused'): string | undefined {
    return this.tell('SendTaskFailure', { taskToken: this.last(step).reply.token, error, cause });
  }

  alive(step: string): string | undefined {
    return this.tell('SendTaskHeartbeat', { taskToken: this.last(step).reply.token });
  }

  pass(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.harness.pass(1_000);
      this.take();
    }
  }

  get history() {
    return this.harness.events(this.arn);
  }

  get end() {
    return this.harness.ran(this.arn);
  }

  /** The error's name, where it was refused. */
  tell(operation: string, input: object): string | undefined {
    const refused = this.harness.refusal(operation, input as any);
    this.take();
    return refused;
  }

  /** Publishes whatever the machine wants to be published. */
  private take(): void {
    while (this.harness.calls.length > 0) {
      const { input } = this.harness.answer({ output: { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] } });
      const [{ DetailType, Detail, EventBusName }] = input.Entries;
      expect(EventBusName).toBe('bus');
      const { meta, data } = JSON.parse(Detail);
      this.asked.push({ type: DetailType, id: meta.id, step: meta.reply.step, data, meta, reply: meta.reply });
    }
  }
}
