/**
 * Runs functions in real time: one worker thread for each execution environment, with the unmodified bundle, variables
 * and output of its own, killed at its deadline whatever it does.
 *
 * Differs from Lambda: between invocations an environment is not frozen; memory is limited only roughly; local-time
 * methods of Date use this process's time zone; code that is not bundled finds the node_modules above its folder.
 */
import inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';
import type { Timer } from '../ports';
import { realTime } from '../real-time';
import { findCode, isModule } from '../sandbox/bundle';
import { httpClient } from '../sandbox/http-client';
import {
  consoleLine,
  endLines,
  environmentVariables,
  exitPayload,
  type FunctionLog,
  finished,
  invokeErrorLine,
  type LambdaError,
  type Level,
  logStreamName,
  logTail,
  parseHandler,
  regionOf,
  startLine,
  timeoutPayload,
} from '../sandbox/lambda';
import type { Finished, FunctionRuntime, Invocation } from '../services/service';
import { UnpackedCode } from '../unpacked';
import type { HttpRequest, Transport } from '../wire/transport';
import { type FromThread, type ThreadData, thread } from './thread';

export interface WorkerRuntimeOptions {
  /** 'http://127.0.0.1:4566': AWS_ENDPOINT_URL of every function. */
  endpoint: string;
  log(entry: FunctionLog): void;
  /** Opens Node's inspector on its usual port, so that a debugger can attach to the functions' threads; no deadlines. */
  inspect?: boolean;
  /** Answers requests to the endpoint without a socket. */
  transport?: Transport;
}

export function createWorkerRuntime(options: WorkerRuntimeOptions): FunctionRuntime {
  const environments = new Map<string, Environment>();
  const code = new UnpackedCode();
  if (options.inspect && !inspector.url()) inspector.open(9229, '127.0.0.1');
  return {
    run(invocation, done) {
      const { environmentId } = invocation;
      let environment = environments.get(environmentId);
      if (!environment || environment.dead) {
        environment = new Environment(options, code, invocation, () => environments.delete(environmentId));
        environments.set(environmentId, environment);
      }
      environment.start(invocation, done);
    },
    discard(environmentId) {
      void environments.get(environmentId)?.end();
    },
    async stop() {
      await Promise.all([...environments.values()].map((environment) => environment.end()));
      code.remove();
    },
  };
}

interface Run {
  invocation: Invocation;
  done: (finished: Finished) => void;
  startedAt: number;
  deadline: Timer | undefined;
  calls: number;
  log: string[];
}

class Environment {
  dead = false;
  private readonly worker: Worker | undefined;
  private readonly stream: string;
  private readonly functionName: string;
  private readonly logGroupName: string;
  private readonly codeDir: string = '';
  private readonly broken: LambdaError | undefined;
  private current: Run | undefined;

  constructor(
    private readonly options: WorkerRuntimeOptions,
    code: UnpackedCode,
    { environment, environmentId, functionArn }: Invocation,
    private readonly gone: () => void,
  ) {
    this.functionName = environment.functionName;
    this.logGroupName = environment.logGroupName;
    this.stream = logStreamName(environment, environmentId, realTime.now());
    try {
      const spec = code.located(environment);
      this.codeDir = spec.codeDir;
      const { file, names } = parseHandler(spec.handler);
      const path = findCode(spec.codeDir, file);
      if (!path) throw new Error(`Cannot find module '${file}' in ${spec.codeDir} (handler ${spec.handler})`);
      const workerData: ThreadData = {
        file: path,
        module: isModule(path),
        names,
        handler: spec.handler,
        functionName: spec.functionName,
        functionVersion: spec.version,
        memoryMb: spec.memoryMb,
        logGroupName: spec.logGroupName,
        logStreamName: this.stream,
        sdkFrom: __dirname,
        direct: options.transport && new URL(options.endpoint).host,
      };
      this.worker = new Worker(source, {
        eval: true,
        name: spec.functionName,
        workerData,
        // NODE_OPTIONS of a function may hold what no thread may have; the one that matters is set below.
        env: {
          ...environmentVariables(spec, {
            taskRoot: spec.codeDir,
            logStreamName: this.stream,
            region: regionOf(functionArn),
          }),
          AWS_ENDPOINT_URL: options.endpoint,
          ...spec.variables,
          NODE_OPTIONS: '',
        },
        execArgv: ['--enable-source-maps', '--no-warnings'],
        // Generous: a thread shares code and buffers with nobody, and Lambda counts differently.
        resourceLimits: { maxOldGenerationSizeMb: Math.max(512, spec.memoryMb * 2) },
        stdin: false,
        stdout: true,
        stderr: true,
      });
    } catch (error) {
      this.broken = { errorType: 'Runtime.ImportModuleError', errorMessage: (error as Error).message, trace: [] };
      return;
    }
    this.worker.on('message', (message: FromThread) => this.receive(message));
    this.worker.on('error', (error) => this.crashed({ errorType: error.name, errorMessage: error.message, trace: [] }));
    this.worker.on('exit', (code) => this.exited(code));
    // Node's own last words ("Worker terminated due to reaching memory limit") come this way.
    for (const stream of [this.worker.stdout, this.worker.stderr]) {
      stream.on('data', (chunk) => this.write(String(chunk).replace(/\n$/, '')));
    }
  }

  start(invocation: Invocation, done: (finished: Finished) => void): void {
    const run: Run = { invocation, done, startedAt: realTime.now(), deadline: undefined, calls: 0, log: [] };
    this.current = run;
    this.write(startLine(invocation));
    if (!this.worker) {
      this.crashed(this.broken!);
      return;
    }
    if (!this.options.inspect) run.deadline = realTime.at(invocation.deadlineMs, () => this.timeOut(run));
    const { requestId, functionArn, payload, deadlineMs } = invocation;
    this.worker.postMessage({ type: 'invoke', requestId, functionArn, payload, deadlineMs });
  }

  /** Forgets the environment; a running invocation gets no answer from it. */
  async end(): Promise<void> {
    if (!this.dead) this.gone();
    this.dead = true;
    this.current?.deadline?.cancel();
    this.current = undefined;
    await this.worker?.terminate();
  }

  private receive(message: FromThread): void {
    if (this.dead) return;
    switch (message.type) {
      case 'log': {
        const { level, text } = message;
        const requestId = this.current?.invocation.requestId;
        this.write(level ? consoleLine(realTime.now(), requestId, level as Level, text) : text);
        return;
      }
      case 'logParts': {
        const head = {
          timestamp: new Date(realTime.now()).toISOString(),
          level: message.level,
          requestId: this.current?.invocation.requestId,
        };
        this.write(JSON.stringify({ ...head, ...JSON.parse(message.parts) }));
        return;
      }
      case 'succeeded':
        this.answer(undefined, message.payload);
        return;
      case 'failed':
        this.answer('Unhandled', this.readable(message.error));
        return;
      case 'request':
        this.pass(message.id, message.request);
        return;
      case 'crashed':
        this.crashed(this.readable(message.error));
    }
  }

  private pass(id: number, { body, ...rest }: HttpRequest): void {
    const run = this.current;
    const request = { ...rest, body: Buffer.from(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength) };
    const origin = run && {
      functionName: this.functionName,
      invocationId: run.invocation.invocationId,
      index: run.calls++,
    };
    void this.options.transport!(request, origin).then((response) => {
      if (!this.dead) this.worker?.postMessage({ type: 'answer', id, response });
    });
  }

  /** Source-mapped places read like 'lambdas/dispatch/reserve-capacity.ts:12:5', wherever the asset lies. */
  private readable(error: LambdaError): LambdaError {
    const folder = `${this.codeDir}/`;
    return {
      ...error,
      trace: error.trace?.map((line) => line.replaceAll(`file://${folder}`, '').replaceAll(folder, '')),
    };
  }

  private timeOut(run: Run): void {
    if (this.current !== run) return;
    const error = timeoutPayload(run.invocation, realTime.now());
    this.write(error.errorMessage);
    this.bury();
    this.answer('Timeout', error);
  }

  private crashed(error: LambdaError): void {
    if (this.dead) return;
    this.bury();
    this.answer('Crash', error);
  }

  private exited(code: number): void {
    if (this.dead) return;
    this.bury();
    if (this.current) this.answer('Crash', exitPayload(this.current.invocation, `exit status ${code}`));
  }

  private bury(): void {
    this.dead = true;
    this.gone();
    void this.worker?.terminate();
  }

  private answer(functionError: Finished['functionError'], result: string | LambdaError): void {
    const run = this.current;
    if (!run) return;
    const now = realTime.now();
    if (typeof result !== 'string' && functionError !== 'Timeout') {
      this.write(invokeErrorLine(now, run.invocation.requestId, result));
    }
    const status = functionError === 'Timeout' ? 'timeout' : functionError ? 'error' : undefined;
    for (const line of endLines(run.invocation, now - run.startedAt, status)) this.write(line);
    this.current = undefined;
    run.deadline?.cancel();
    run.done(
      finished(run.invocation, {
        functionError,
        payload: typeof result === 'string' ? result : JSON.stringify(result),
        reusable: !this.dead,
        logTail: logTail(run.log),
      }),
    );
  }

  private write(message: string): void {
    const invocation = this.current?.invocation;
    this.current?.log.push(message);
    this.options.log({
      at: realTime.now(),
      functionName: this.functionName,
      logGroupName: this.logGroupName,
      logStreamName: this.stream,
      invocationId: invocation?.invocationId,
      requestId: invocation?.requestId,
      message,
    });
  }
}

/** `__name` is what esbuild's keepNames leaves in a function's text. */
const source = `const __name = (f) => f;\n(${thread})(require, (url) => import(url), ${httpClient});`;
