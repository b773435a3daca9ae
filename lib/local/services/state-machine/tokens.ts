/** What waits for a task token is answered by it. Source: Step Functions API reference, SendTaskSuccess and its siblings. */
import type { Json } from '../service';
import { invalidOutput, invalidToken, missing, tokenGone } from './errors';
import { mostPayloadBytes } from './interpreter/data-flow';
import type { Engine, Thread } from './interpreter/engine';
import { exceeds, parsed } from './json';

export class Tokens {
  constructor(private readonly engine: Engine) {}

  success({ taskToken, output }: Json): Json {
    const thread = this.find(taskToken);
    if (typeof output !== 'string') throw missing('output');
    const read = exceeds(output, mostPayloadBytes) ? undefined : parsed(output);
    if (!read) throw invalidOutput(`Invalid Output: it is no JSON of at most ${mostPayloadBytes} bytes`);
    this.engine.signal(thread, { kind: 'token', output: read.value });
    return {};
  }

  failure({ taskToken, error, cause: reason }: Json): Json {
    this.engine.signal(this.find(taskToken), { kind: 'token-failed', error, cause: reason });
    return {};
  }

  heartbeat({ taskToken }: Json): Json {
    this.engine.signal(this.find(taskToken), { kind: 'heartbeat' });
    return {};
  }

  private find(token: unknown): Thread {
    if (token === undefined || token === null) throw missing('taskToken');
    if (typeof token !== 'string' || token.length > 2048 || !/^[\w+/=]+$/.test(token)) {
      throw invalidToken(`Invalid Token: '${String(token).slice(0, 100)}'`);
    }
    const thread = this.engine.tokens.get(token);
    if (!thread) throw tokenGone();
    return thread;
  }
}
