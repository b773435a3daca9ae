/**
 * `Console` of node:console. What loggers do with one, print single texts to the function's own streams, is done at once;
 * Node's console is made when anything else is asked of it, since making one costs more than most functions print.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { lazily } from '../lazily';

export type Methods = Record<string, (...parts: any[]) => unknown>;
interface Streams {
  stdout: Writable;
  stderr: Writable;
}

/** All that a console of Node has. */
const names = Object.keys(new Console(new Writable()));
const printing = { log: 'stdout', info: 'stdout', debug: 'stdout', warn: 'stderr', error: 'stderr' } as const;
/** Tells those made here from other objects. */
const prototype = Object.create(Console.prototype);

/** What stands for the class: of Console itself a proxy may not change who is one. */
function shell(): void {}

const isOne = (value: unknown): boolean =>
  Object.prototype.isPrototypeOf.call(prototype, value as object) || value instanceof Console;

/** Gives `to` the methods of a console: what they are asked, `real` is asked, made at the first time. */
export function leadingToConsole(to: Methods, real: () => Methods): Methods {
  for (const name of names) to[name] = (...parts) => real()[name]!(...parts);
  return to;
}

/** `own`: the streams of the function's process. */
export function consoleClass(own: Streams): object {
  const isOwn = (stream: unknown): boolean => stream === own.stdout || stream === own.stderr;
  const areOwn = (given: unknown[]): given is [{ stdout: Writable; stderr?: Writable }] => {
    const [streams] = given as [Partial<Streams> | undefined];
    if (given.length !== 1 || !isOwn(streams?.stdout)) return false;
    return Object.keys(streams!).every((name) => name === 'stdout' || (name === 'stderr' && isOwn(streams!.stderr)));
  };
  const make = (stdout: Writable, stderr: Writable): object => {
    let asked = false;
    const real = lazily(() => {
      asked = true;
      return new Console(stdout, stderr) as unknown as Methods;
    });
    const made = leadingToConsole(Object.create(prototype), real);
    for (const [name, to] of Object.entries(printing)) {
      const stream = to === 'stdout' ? stdout : stderr;
      made[name] = (...parts) => {
        // Node's own knows of groups; once it is there, it prints all.
        if (asked || parts.length !== 1 || typeof parts[0] !== 'string') return real()[name]!(...parts);
        stream.write(`${parts[0]}\n`);
      };
    }
    return made;
  };
  const called = (given: unknown[]): object =>
    areOwn(given) ? make(given[0].stdout, given[0].stderr ?? given[0].stdout) : Reflect.construct(Console, given);
  // No class of its own, which would keep its environment in memory (bound-class.ts).
  const type: object = new Proxy(shell, {
    // Whoever extends it extends Node's.
    construct: (_, given, extending) =>
      extending === type ? called(given) : Reflect.construct(Console, given, extending),
    apply: (_, __, given) => called(given),
    get: (_, name) => (name === Symbol.hasInstance ? isOne : Reflect.get(Console, name)),
  });
  return type;
}
