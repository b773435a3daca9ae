/** `process` of one sandboxed environment: its own variables, clock and output; the same on every machine. */
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { Life } from '../life';
import type { Clock } from './clock';

export interface ProcessPorts {
  env: Record<string, string>;
  /** Whole lines, without the line break. */
  print(line: string): void;
  exit(code: number): never;
}

export function createProcess(life: Life, clock: Clock, ports: ProcessPorts): Record<string, unknown> {
  const emitter = new EventEmitter();
  const process_: Record<string, unknown> = Object.assign(Object.create(emitter) as object, {
    env: ports.env,
    version: process.version,
    versions: { ...process.versions },
    release: { name: 'node', lts: process.release.lts },
    platform: 'linux',
    arch: 'x64',
    argv: ['/var/lang/bin/node', '/var/runtime/index.mjs'],
    argv0: 'node',
    execArgv: [],
    execPath: '/var/lang/bin/node',
    title: 'node',
    pid: 8,
    ppid: 1,
    exitCode: undefined,
    features: {},
    config: { variables: {} },
    stdout: lines(ports.print, 1),
    stderr: lines(ports.print, 2),
    cwd: () => '/var/task',
    chdir: () => {
      throw new Error('process.chdir is not modelled in the sandbox.');
    },
    umask: () => 0o22,
    getuid: () => 993,
    geteuid: () => 993,
    getgid: () => 990,
    uptime: () => clock.hrtime()[0],
    hrtime: clock.hrtime,
    memoryUsage: Object.assign(() => ({ ...memory }), { rss: () => memory.rss }),
    cpuUsage: () => ({ user: 0, system: 0 }),
    resourceUsage: () => ({}),
    nextTick: (work: (...args: unknown[]) => void, ...args: unknown[]) =>
      process.nextTick(() => life.guard(() => work(...args))),
    emitWarning: (warning: unknown, kind?: unknown) => {
      const name = typeof kind === 'string' ? kind : ((kind as { type?: string })?.type ?? 'Warning');
      ports.print(`(node:8) ${name}: ${(warning as Error)?.message ?? warning}`);
    },
    exit: (code?: number) => ports.exit(code ?? 0),
    abort: () => ports.exit(134),
    kill: () => ports.exit(137),
    reallyExit: (code?: number) => ports.exit(code ?? 0),
    binding: (name: string) => {
      throw new Error(`process.binding('${name}') is not available in the sandbox.`);
    },
  });
  process_.default = process_;
  return process_;
}

/** Constant, so that code that prints it prints the same on every machine. */
const memory = {
  rss: 67_108_864,
  heapTotal: 33_554_432,
  heapUsed: 16_777_216,
  external: 1_048_576,
  arrayBuffers: 65_536,
};

function lines(print: (line: string) => void, fd: number): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      print(String(chunk).replace(/\n$/, ''));
      done();
    },
  });
  return Object.assign(stream, { fd, isTTY: false });
}
