/**
 * What a state can ask for: its data in both query languages, and the context object.
 * Source: Step Functions developer guide, "Accessing execution data from the Context object".
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import type { EvaluationScope } from '../query/jsonata';
import type { PathWorld } from '../query/path-values';
import type { QueryLanguage, StateDefinition } from './definition';
import type { Engine, Thread } from './engine';
import type { Resume } from './resume';

const retryable = new Set(['Task', 'Map', 'Parallel']);

export class StateContext {
  retryCount = 0;
  taskToken?: string;
  /** Of the event that says that the state was entered. */
  enteredId = 0;
  /** The event before that. */
  beforeId = 0;
  /** The state goes on from here; taken by its first attempt. */
  resume?: Resume;
  readonly enteredMs: Millis;

  constructor(
    readonly engine: Engine,
    readonly thread: Thread,
    readonly name: string,
    readonly state: StateDefinition,
    readonly language: QueryLanguage,
    /** Of the program; programs inside the state have it too, whatever the state itself says. */
    readonly outer: QueryLanguage,
    /** The state's raw input. */
    readonly input: Json,
  ) {
    this.enteredMs = engine.now;
  }

  get jsonata(): boolean {
    return this.language === 'JSONata';
  }

  takeResume(): Resume | undefined {
    const { resume } = this;
    this.resume = undefined;
    return resume;
  }

  /** The context object; `item` is the Map item that an item selector looks at. */
  object(item = this.thread.item): Json {
    const given = this.thread.execution.test?.context;
    if (given !== undefined) return given;
    const { execution } = this.thread;
    const { machine } = execution;
    return {
      Execution: {
        Id: execution.arn,
        Input: execution.input,
        StartTime: iso(execution.startMs),
        Name: execution.name,
        RoleArn: machine.roleArn,
        ...(machine.type === 'STANDARD' ? { RedriveCount: execution.redrives } : {}),
        ...(execution.redriveMs !== undefined ? { RedriveTime: iso(execution.redriveMs) } : {}),
      },
      StateMachine: { Id: machine.arn, Name: machine.name },
      State: {
        Name: this.name,
        EnteredTime: iso(this.enteredMs),
        // Only states that can be retried have it.
        ...(retryable.has(this.state.Type) ? { RetryCount: this.retryCount } : {}),
      },
      ...(this.taskToken !== undefined ? { Task: { Token: this.taskToken } } : {}),
      ...(item ? { Map: { Item: item } } : {}),
    };
  }

  /** For JSONPath: `data` is what '$' means. */
  paths(data: Json, item = this.thread.item): PathWorld {
    const context = (): Json => this.object(item);
    return {
      data,
      get context() {
        return context();
      },
      variables: this.thread.scope,
      random: this.engine.random,
    };
  }

  /** For JSONata: $states and the variables. */
  expressions(more: { result?: Json; errorOutput?: Json } = {}, item = this.thread.item): EvaluationScope {
    const states = { input: this.input, context: this.object(item), ...more };
    return { bindings: { ...this.thread.scope.all(), states }, now: this.engine.now, random: this.engine.random };
  }
}

/** What a TestState request shows of a state's work; nothing otherwise. */
export function inspect({ thread }: StateContext, name: string, value: Json): void {
  const { test } = thread.execution;
  if (test && value !== undefined) test.inspected[name] = value;
}

export const iso = (millis: Millis): string => new Date(millis).toISOString();
