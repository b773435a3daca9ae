/**
 * AWS Step Functions: state machines, versions and aliases, executions, task tokens.
 *
 * Modelled: every operation below. Not modelled: activities, Map Runs as resources, permissions, encryption, execution
 * logs; their operations are refused by name.
 *
 * 1. An execution that needs no other service has ended when its start is answered.
 * 2. Whatever a state asks of another service is a `call` effect; its answer is `$reply`.
 * Source: Step Functions API reference and developer guide.
 */
import type { Millis } from '../../ports';
import { Refusal, replyOf } from '../refusal';
import type { Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { checkDefinition } from './definition/validate';
import { missing } from './errors';
import { ExecutionQueries } from './execution-store';
import { Executions } from './executions';
import { Machines } from './machines';
import { Registry } from './registry';
import { stateTest } from './test-state';
import { Tokens } from './tokens';
import { Versions } from './versions';

/** undefined: the answer comes later, or nobody waits for one. */
type Operation = (now: Millis, input: Json, requestId: string) => Json | undefined;

export function createStateMachineService(options: ServiceOptions): Service {
  return new StateMachineService(options);
}

class StateMachineService implements Service {
  readonly name = 'states';
  private readonly machines: Machines;
  private readonly versions: Versions;
  private readonly executions: Executions;
  private readonly queries: ExecutionQueries;
  private readonly tokens: Tokens;

  constructor(private readonly options: ServiceOptions) {
    const registry = new Registry();
    this.machines = new Machines(options, registry);
    this.versions = new Versions(registry);
    this.executions = new Executions(options, registry);
    this.queries = new ExecutionQueries(this.executions.store, registry);
    this.tokens = new Tokens(this.executions.engine);
  }

  apply(now: Millis, { operation, input, requestId }: ServiceRequest): Outcome {
    this.executions.advance(now);
    const act = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    const reply = replyOf(() => {
      if (!act) {
        const message = `Step Functions' ${operation} is not modelled by the local runtime.`;
        throw new Refusal({ name: 'UnknownOperationException', message });
      }
      return act(now, input ?? {}, requestId);
    });
    return { ...this.outcome(), reply };
  }

  wake(now: Millis): Outcome {
    this.executions.advance(now);
    return this.outcome();
  }

  busy(): boolean {
    return this.executions.engine.unrepeatable;
  }

  setAside(): () => void {
    return this.executions.setAside();
  }

  makeAgain(): void {
    this.executions.makeAgain();
  }

  holds(): [number, string][] {
    return [[[...this.executions.store.running()].length, 'running execution']];
  }

  private outcome(): Outcome {
    return { effects: this.executions.takeEffects(), wakeAt: this.executions.nextMs };
  }

  private readonly operations: Record<string, Operation> = {
    CreateStateMachine: (now, input) => this.machines.create(now, input),
    UpdateStateMachine: (now, input) => this.machines.update(now, input),
    DescribeStateMachine: (_now, input) => this.machines.describe(input.stateMachineArn),
    DeleteStateMachine: (_now, input) => this.machines.delete(input.stateMachineArn),
    ListStateMachines: (_now, input) => this.machines.list(input),
    PublishStateMachineVersion: (now, input) => this.versions.publish(now, input),
    $publish: (now, input) => this.versions.publishOfTemplate(now, input),
    ListStateMachineVersions: (_now, input) => this.versions.versions(input),
    DeleteStateMachineVersion: (_now, input) => this.versions.deleteVersion(input.stateMachineVersionArn),
    CreateStateMachineAlias: (now, input) => this.versions.createAlias(now, input),
    UpdateStateMachineAlias: (now, input) => this.versions.updateAlias(now, input),
    DescribeStateMachineAlias: (_now, input) => this.versions.describeAlias(input),
    DeleteStateMachineAlias: (_now, input) => this.versions.deleteAlias(input),
    ListStateMachineAliases: (_now, input) => this.versions.aliases(input),
    TagResource: (_now, input) => this.machines.tag(input),
    UntagResource: (_now, input) => this.machines.untag(input),
    ListTagsForResource: (_now, input) => this.machines.tags(input),
    ValidateStateMachineDefinition: (_now, input) => validated(input),
    TestState: (_now, input, requestId) => this.executions.test(stateTest(input, this.options), requestId),
    StartExecution: (_now, input) => this.executions.start(input),
    StartSyncExecution: (_now, input, requestId) => this.executions.startSync(input, requestId),
    StopExecution: (_now, input) => this.executions.stop(input),
    RedriveExecution: (_now, input) => this.executions.redrive(input),
    DescribeExecution: (now, input) => this.queries.describe(now, input),
    ListExecutions: (_now, input) => this.queries.list(input),
    GetExecutionHistory: (_now, input) => this.queries.history(input),
    DescribeStateMachineForExecution: (_now, input) => this.queries.machineOf(input),
    SendTaskSuccess: (_now, input) => this.tokens.success(input),
    SendTaskFailure: (_now, input) => this.tokens.failure(input),
    SendTaskHeartbeat: (_now, input) => this.tokens.heartbeat(input),
    $reply: (_now, { tag, reply }) => {
      this.executions.engine.answered(tag, reply);
      return undefined;
    },
    // Branches that have not ended; when the next of them goes on by itself (a wait, a retry, a timeout).
    $pending: () => ({ pending: this.executions.running, nextMs: this.executions.nextMs }),
  };
}

function validated(input: Json): Json {
  if (typeof input.definition !== 'string') throw missing('definition');
  const { diagnostics: found } = checkDefinition(input.definition, input.type ?? 'STANDARD');
  const failed = found.some(({ severity }) => severity === 'ERROR');
  const diagnostics = input.severity === 'WARNING' ? found : found.filter(({ severity }) => severity === 'ERROR');
  const most = input.maxResults || 100;
  return {
    result: failed ? 'FAIL' : 'OK',
    diagnostics: diagnostics.slice(0, most),
    truncated: diagnostics.length > most,
  };
}
