/**
 * `node:worker_threads` without threads: each Worker is a context of its own in this process, and messages are steps of
 * virtual time, so that a pool (piscina) runs and its order is the seed's. CPU-bound work takes no virtual time.
 * Not modelled: Atomics.wait (pools are told by PISCINA_DISABLE_ATOMICS), BroadcastChannel, resource limits, heap
 * snapshots, stdin. A message may carry ports at its top level only.
 */
import { EventEmitter } from 'node:events';
import type { Life } from '../life';
import { boundTo } from './bound-class';

interface Side {
  life: Life;
}

class SandboxPort extends EventEmitter {
  peer: SandboxPort | undefined;
  queue: unknown[] = [];
  private closed = false;
  private handler: ((event: { data: unknown }) => void) | null = null;

  constructor(private side: Side) {
    super();
  }

  postMessage(value: unknown, transfer?: unknown): void {
    const { peer } = this;
    if (!peer || this.closed || peer.closed) return;
    peer.queue.push(copied(value, transfer, peer));
    peer.deliverLater();
  }

  deliverLater(): void {
    this.side.life.after(0, () => {
      if (this.closed || this.queue.length === 0 || this.listenerCount('message') === 0) return;
      this.emit('message', this.queue.shift());
    });
  }

  /** The port now belongs to another thread. */
  moveTo(side: Side): void {
    this.side = side;
  }

  get owner(): Side {
    return this.side;
  }

  override on(name: string | symbol, listener: (...args: any[]) => void): this {
    super.on(name, listener);
    if (name === 'message') for (const _ of this.queue) this.deliverLater();
    return this;
  }
  override addListener(name: string | symbol, listener: (...args: any[]) => void): this {
    return this.on(name, listener);
  }
  override once(name: string | symbol, listener: (...args: any[]) => void): this {
    super.once(name, listener);
    if (name === 'message' && this.queue.length > 0) this.deliverLater();
    return this;
  }
  addEventListener(name: string, listener: (event: { data: unknown }) => void): void {
    this.on(name, (data: unknown) => listener({ data }));
  }
  set onmessage(handler: ((event: { data: unknown }) => void) | null) {
    const first = !this.handler;
    this.handler = handler;
    if (first && handler) this.on('message', (data: unknown) => this.handler?.({ data }));
  }
  start(): void {}
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return false;
  }
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.side.life.after(0, () => this.emit('close'));
    this.peer?.close();
  }
}

/** Structured clone, with ports at the top level handed over as they are. */
function copied(value: unknown, transfer: unknown, receiver: SandboxPort): unknown {
  const list = (
    Array.isArray(transfer) ? transfer : ((transfer as { transfer?: unknown[] })?.transfer ?? [])
  ) as unknown[];
  const others = list.filter((item) => !(item instanceof SandboxPort)) as any[];
  const hand = (port: SandboxPort): SandboxPort => {
    port.moveTo(receiver.owner);
    return port;
  };
  if (value instanceof SandboxPort) return hand(value);
  if (typeof value !== 'object' || value === null || !list.some((item) => item instanceof SandboxPort)) {
    return structuredClone(value, { transfer: others });
  }
  const plain: Record<string, unknown> = {};
  const ports: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    if (item instanceof SandboxPort) ports[name] = hand(item);
    else plain[name] = item;
  }
  return Object.assign(structuredClone(plain, { transfer: others }), ports);
}

function channel(one: Side, other: Side): { port1: SandboxPort; port2: SandboxPort } {
  const [port1, port2] = [new SandboxPort(one), new SandboxPort(other)];
  port1.peer = port2;
  port2.peer = port1;
  return { port1, port2 };
}

export interface ThreadStart {
  /** Path as the code sees it. */
  file: string;
  env: Record<string, string>;
  argv: string[];
  threads: Record<string, unknown>;
  life: Life;
}

export interface ThreadPorts {
  life: Life;
  env: Record<string, string>;
  /** A life within this one; `uncaught` is told what its code does not catch. */
  childLife(uncaught: (error: unknown) => void): Life;
  /** Builds the thread's context and runs its file; throws what the file throws. */
  start(thread: ThreadStart): void;
  /** Ids are unique in the environment. */
  nextId(): number;
  self?: { id: number; workerData: unknown; parentPort: SandboxPort };
}

const shareEnv = Symbol.for('nodejs.worker_threads.SHARE_ENV');

class MessageChannel {
  readonly port1: SandboxPort;
  readonly port2: SandboxPort;

  constructor(here: Side) {
    ({ port1: this.port1, port2: this.port2 } = channel(here, here));
  }
}

class Worker extends EventEmitter {
  readonly threadId: number;
  readonly resourceLimits = {};
  readonly stdin = null;
  readonly stdout = null;
  readonly stderr = null;
  readonly performance = { eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }) };
  private readonly port: SandboxPort;
  private readonly life: Life;
  private over = false;

  constructor(
    private readonly ports: ThreadPorts,
    filename: string | URL,
    options: Record<string, any> = {},
  ) {
    super();
    this.threadId = ports.nextId();
    if (options.eval) throw new Error('Worker: { eval: true } is not modelled in the sandbox: give it a file.');
    this.life = ports.childLife((error) => this.fail(error));
    const { port1, port2 } = channel({ life: ports.life }, { life: this.life });
    this.port = port1;
    port1.on('message', (message) => this.emit('message', message));
    const env = options.env === shareEnv ? ports.env : { ...(options.env ?? ports.env), PISCINA_DISABLE_ATOMICS: '1' };
    const workerData =
      options.workerData === undefined ? null : copied(options.workerData, options.transferList, port2);
    this.life.after(0, () => {
      const threads = createThreads({
        ...ports,
        life: this.life,
        env,
        self: { id: this.threadId, workerData, parentPort: port2 },
      });
      this.emit('online');
      const file = String(filename).replace(/^file:\/\//, '');
      ports.start({ file, env, argv: options.argv ?? [], threads, life: this.life });
    });
  }

  postMessage(value: unknown, transfer?: unknown): void {
    this.port.postMessage(value, transfer);
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  terminate(): Promise<number> {
    this.end(1);
    return Promise.resolve(1);
  }
  private fail(error: unknown): void {
    if (this.over) return;
    this.ports.life.after(0, () => this.emit('error', error));
    this.end(1);
  }
  private end(code: number): void {
    if (this.over) return;
    this.over = true;
    this.life.end();
    this.ports.life.after(0, () => this.emit('exit', code));
  }
}

export function createThreads(ports: ThreadPorts): Record<string, unknown> {
  const here: Side = { life: ports.life };

  const module: Record<string, unknown> = {
    isMainThread: !ports.self,
    threadId: ports.self?.id ?? 0,
    workerData: ports.self?.workerData ?? null,
    parentPort: ports.self?.parentPort ?? null,
    resourceLimits: {},
    SHARE_ENV: shareEnv,
    Worker: boundTo(Worker, ports),
    MessagePort: SandboxPort,
    MessageChannel: boundTo(MessageChannel, here),
    receiveMessageOnPort: (port: SandboxPort) => (port.queue.length > 0 ? { message: port.queue.shift() } : undefined),
    markAsUntransferable: () => {},
    isMarkedAsUntransferable: () => false,
    moveMessagePortToContext: (port: unknown) => port,
    getEnvironmentData: () => undefined,
    setEnvironmentData: () => {},
  };
  module.default = module;
  return module;
}
