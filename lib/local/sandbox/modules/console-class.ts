/**
 * `Console` of node:console. What loggers do with one, print single texts to the function's own streams, is done at once;
 * Node's console is made when anything else is asked of it, since making one costs more than most functions print.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { lazily } from '../lazily';

type Method = (...parts: unknown[]) => unknown;
interface Streams {
  stdout: Writable;
  stderr: Writable;
}

const methods = Object.keys(new Console(new Writable()));
const printing = { log: 'stdout', info: 'stdout', debug: 'stdout', warn: 'stderr', error: 'stderr' } as const;
/** Tells those made here from other objects. */
const prototype = Object.create(Console.prototype);

/** `own`: the streams of the function's process. */
export function consoleClass(own: Streams): object {
  const isOwn = (stream: unknown): boolean => stream === own.stdout || stream === own.stderr;
  const areOwn = (given: unknown[]): given is [{ stdout: Writable; stderr?: Writable }] => {
    const [streams] = given as [Partial<Streams> | undefined];
    if (given.length !== 1 || !isOwn(streams?.stdout)) return false;
    return Object.keys(streams!).every((name) => name === 'stdout' || (name === 'stderr' && isOwn(streams!.stderr)));
  };
  function OwnConsole(...given: unknown[]): object {
    const extending = new.target !== undefined && new.target !== (OwnConsole as unknown);
    if (extending || !areOwn(given)) return Reflect.construct(Console, given, extending ? new.target! : Console);
    const [{ stdout, stderr = stdout }] = given;
    let asked = false;
    const real = lazily(() => {
      asked = true;
      return new Console(stdout, stderr) as unknown as Record<string, Method>;
    });
    const made: Record<string, Method> = Object.create(prototype);
    for (const name of methods) made[name] = (...parts) => real()[name]!(...parts);
    for (const [name, to] of Object.entries(printing)) {
      const stream = to === 'stdout' ? stdout : stderr;
      made[name] = (...parts) => {
        // Node's own knows of groups; once it is there, it prints all.
        if (asked || parts.length !== 1 || typeof parts[0] !== 'string') return real()[name]!(...parts);
        stream.write(`${parts[0]}\n`);
      };
    }
    return made;
  }
  const isOne = (value: unknown): boolean =>
    Object.prototype.isPrototypeOf.call(prototype, value as object) || value instanceof Console;
  Object.defineProperty(OwnConsole, Symbol.hasInstance, { value: isOne });
  Object.defineProperty(OwnConsole, 'name', { value: 'Console' });
  // Whoever extends it extends Node's.
  OwnConsole.prototype = Console.prototype;
  return OwnConsole;
}
