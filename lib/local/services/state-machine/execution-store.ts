/** The executions that can be asked for: all Standard ones, and the Express ones that run. */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { invalidArn, missing, noExecution, wrongType } from './errors';
import type { Execution } from './interpreter/execution';
import { page } from './page';
import type { Registry } from './registry';
import { described, summary } from './views';

export class ExecutionStore {
  private readonly executions = new Map<string, Execution>();
  private readonly byMachine = new Map<string, Execution[]>();

  get(arn: string): Execution | undefined {
    return this.executions.get(arn);
  }

  add(execution: Execution): void {
    const { arn, machine } = execution;
    this.executions.set(arn, execution);
    if (machine.type === 'EXPRESS') return;
    const listed = this.byMachine.get(machine.arn);
    if (listed) listed.push(execution);
    else this.byMachine.set(machine.arn, [execution]);
  }

  remove({ arn }: Execution): void {
    this.executions.delete(arn);
  }

  *running(): Generator<Execution> {
    for (const execution of this.executions.values()) if (execution.status === 'RUNNING') yield execution;
  }

  /** Newest first. */
  of(machineArn: string): Execution[] {
    return [...(this.byMachine.get(machineArn) ?? [])].reverse();
  }

  find(arn: unknown): Execution {
    if (arn === undefined || arn === null) throw missing('executionArn');
    if (!/^arn:[\w-]+:states:[\w-]+:\d{12}:(execution|express):/.test(String(arn))) throw invalidArn(arn);
    const execution = this.executions.get(String(arn));
    if (!execution) throw noExecution(String(arn));
    return execution;
  }
}

/** An event without what went into it and came out of it. */
const withoutData = (event: Json): Json =>
  Object.fromEntries(
    Object.entries<Json>(event).map(([name, value]) => {
      if (!name.endsWith('EventDetails')) return [name, value];
      const { input: _, output: __, ...rest } = value;
      return [name, rest];
    }),
  );

/** What is asked of executions. Source: Step Functions API reference. */
export class ExecutionQueries {
  constructor(
    private readonly store: ExecutionStore,
    private readonly registry: Registry,
  ) {}

  describe(now: Millis, input: Json): Json {
    const execution = this.store.find(input.executionArn);
    if (execution.machine.type === 'EXPRESS') throw wrongType('Express executions are not described.');
    return described(execution, now);
  }

  list(input: Json): Json {
    if (input.stateMachineArn === undefined) throw missing('stateMachineArn');
    const { arn, type } = this.registry.parse(input.stateMachineArn).machine;
    if (type === 'EXPRESS') throw wrongType('Express executions are not listed.');
    const qualified = input.stateMachineArn !== arn;
    const found = this.store
      .of(arn)
      .filter(
        ({ status, machine }) =>
          (!input.statusFilter || status === input.statusFilter) &&
          (!qualified || machine.versionArn === input.stateMachineArn || machine.aliasArn === input.stateMachineArn),
      )
      .map((execution) => summary(execution));
    return page(found, input, 'executions');
  }

  history(input: Json): Json {
    const execution = this.store.find(input.executionArn);
    if (execution.machine.type === 'EXPRESS') throw wrongType('Express executions have no history here.');
    const { events } = execution.history;
    const answer = page(input.reverseOrder ? [...events].reverse() : events, input, 'events');
    return input.includeExecutionData === false ? { ...answer, events: answer.events.map(withoutData) } : answer;
  }

  machineOf(input: Json): Json {
    const { machine } = this.store.find(input.executionArn);
    return {
      stateMachineArn: machine.arn,
      name: machine.name,
      definition: machine.definition,
      roleArn: machine.roleArn,
      updateDate: machine.updatedMs / 1000,
      revisionId: machine.revisionId,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  }
}
