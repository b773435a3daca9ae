/**
 * State machines: transitions (states left) a second, beside aws-local-stepfunctions 3.0.0 in the same process, by turns;
 * and what 1,000 executions that wait cost in memory. Ours keeps the history that AWS keeps, the peer keeps none.
 * Flags: --rounds N, --waiting N.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../lib/local/random';
import type { Json, Service } from '../lib/local/services/service';
import { createStateMachineService } from '../lib/local/services/state-machine';
import { figure, flags, median } from './support/measure';

const { rounds, waiting } = flags({ rounds: 9, waiting: 1000 });

const pass = (more: Json = {}): Json => ({ Type: 'Pass', End: true, ...more });

/** A counter from 1,000 to 0: a Choice and a Pass for each step. */
const loop = {
  StartAt: 'More',
  States: {
    More: { Type: 'Choice', Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'Down' }], Default: 'Done' },
    Down: { Type: 'Pass', Parameters: { 'left.$': 'States.MathAdd($.left, -1)' }, Next: 'More' },
    Done: { Type: 'Succeed' },
  },
};
const map = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { StartAt: 'One', States: { One: pass({ Parameters: { 'sku.$': '$.sku', seen: true } }) } },
      End: true,
    },
  },
};
const parallel = {
  StartAt: 'All',
  States: {
    All: {
      Type: 'Parallel',
      Branches: Array.from({ length: 40 }, (_, branch) => ({
        StartAt: `B${branch}`,
        States: { [`B${branch}`]: pass({ Result: { branch } }) },
      })),
      End: true,
    },
  },
};
const items = Array.from({ length: 1000 }, (_, sku) => ({ sku, name: `item ${sku}` }));

/** `times`: so often in one round, where one run is too short to time. */
const workloads = [
  { name: 'a loop of 1,000 Choice and Pass', definition: loop, input: { left: 1000 }, transitions: 2002, times: 1 },
  { name: 'a Map over 1,000 items', definition: map, input: { items }, transitions: 1001, times: 1 },
  { name: 'a Parallel of 40', definition: parallel, input: {}, transitions: 41, times: 20 },
];

let made = 0;
class Ours {
  private readonly service: Service = createStateMachineService({
    account: '123456789012',
    region: 'us-east-1',
    random: seededRandom('bench'),
    endpoint: 'http://local',
  });
  private requests = 0;

  ask(operation: string, input: Json): Json {
    const { reply } = this.service.apply(Date.now(), { operation, input, requestId: `r${++this.requests}` });
    if (!reply || reply.error) throw new Error(`${operation}: ${reply?.error?.message ?? 'no answer'}`);
    return reply.output;
  }

  machine(definition: Json): string {
    const roleArn = 'arn:aws:iam::123456789012:role/bench';
    return this.ask('CreateStateMachine', { name: `m${made++}`, roleArn, definition: JSON.stringify(definition) })
      .stateMachineArn;
  }

  run(stateMachineArn: string, input: string): Json {
    const { executionArn } = this.ask('StartExecution', { stateMachineArn, input });
    const { status, output } = this.ask('DescribeExecution', { executionArn });
    if (status !== 'SUCCEEDED') throw new Error(`the execution is ${status}`);
    return JSON.parse(output);
  }
}

/** Milliseconds. */
async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function speed(): Promise<void> {
  // The peer asks for Node 22; this is all of it that Node 20 lacks.
  (Promise as Json).withResolvers ??= function withResolvers() {
    let resolve: Json;
    let reject: Json;
    const promise = new Promise((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise, resolve, reject };
  };
  const { StateMachine } = await import('aws-local-stepfunctions');
  for (const { name, definition, input, transitions, times } of workloads) {
    const text = JSON.stringify(input);
    const peer = new StateMachine(definition as Json);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds + 2; round++) {
      const service = new Ours();
      const arn = service.machine(definition);
      let first: Json;
      let second: Json;
      const mine = await timed(() => {
        for (let time = 0; time < times; time++) first = service.run(arn, text);
      });
      const other = await timed(async () => {
        for (let time = 0; time < times; time++) second = await peer.run(JSON.parse(text)).result;
      });
      if (JSON.stringify(first) !== JSON.stringify(second)) throw new Error(`${name}: the outputs differ`);
      // Two rounds to warm up.
      if (round < 2) continue;
      ours.push((transitions * times * 1000) / mine);
      theirs.push((transitions * times * 1000) / other);
    }
    const [us, them] = [median(ours), median(theirs)];
    const note = `aws-local-stepfunctions ${them.toFixed(0)}, ratio ${(us / them).toFixed(1)}`;
    figure(name, us, 'transitions/s', note);
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapMb = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1_048_576;
};

const task = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken';
const body = { 'order.$': '$', 'token.$': '$$.Task.Token' };
const waits: Record<string, Json> = {
  'a Wait of a day': { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 86_400, End: true } } },
  'a task token': {
    StartAt: 'T',
    States: {
      T: { Type: 'Task', Resource: task, Parameters: { QueueUrl: 'http://q', MessageBody: body }, End: true },
    },
  },
  'three task tokens in a Parallel': {
    StartAt: 'P',
    States: {
      P: {
        Type: 'Parallel',
        Branches: ['A', 'B', 'C'].map((name) => ({
          StartAt: name,
          States: {
            [name]: {
              Type: 'Task',
              Resource: task,
              Parameters: { QueueUrl: 'http://q', MessageBody: body },
              End: true,
            },
          },
        })),
        End: true,
      },
    },
  },
};

function memory(): void {
  const input = JSON.stringify({ order: 'o-1', lines: Array.from({ length: 20 }, (_, sku) => ({ sku, count: 1 })) });
  for (const [what, definition] of Object.entries(waits)) {
    const service = new Ours();
    const stateMachineArn = service.machine(definition);
    const before = heapMb();
    for (let one = 0; one < waiting; one++) service.ask('StartExecution', { stateMachineArn, input });
    const grown = heapMb() - before;
    const { executions } = service.ask('ListExecutions', {
      stateMachineArn,
      statusFilter: 'RUNNING',
      maxResults: 1000,
    });
    if (executions.length !== Math.min(waiting, 1000)) throw new Error('not all of them wait');
    figure(
      `${waiting} executions that wait for ${what}`,
      grown,
      'MB',
      `${((grown * 1024) / waiting).toFixed(1)} KB each`,
    );
  }
}

void speed().then(memory);
