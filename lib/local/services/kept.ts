/**
 * How a service's state is written down (durable/graph.ts): as it lies in memory. Maps, sets, arrays and plain objects need nothing.
 * A service must be a class instance whose state hangs on it; what hides in a closure's variables is not seen.
 * What else is in the state is named here, each name once in the runtime:
 *
 * - `keptClass`: a class of which instances are made later than their service.
 * - `keptConstant`: a function or object of a module, such as a comparison.
 * - `remade`: what a pure function of text and numbers makes, such as a compiled pattern: its arguments are kept.
 *
 * A function that knows `this` or other variables cannot be kept, unless its service has had it from the beginning.
 */
export type KeptClass = abstract new (...args: any[]) => object;

const classes = new Map<string, KeptClass>();
const classNames = new Map<object, string>();
const constants = new Map<string, object>();
const makers = new Map<string, (...args: any[]) => object>();
/** A constant has no arguments. */
const origins = new WeakMap<object, Origin>();

interface Origin {
  name: string;
  args?: unknown[];
}

function demandNew(names: Map<string, unknown>, name: string): void {
  if (names.has(name)) throw new Error(`'${name}' is kept twice; choose another name`);
}

/** `of`: the service's folder or another prefix. */
export function keptClass(of: string, given: Record<string, KeptClass>): void {
  for (const [name, one] of Object.entries(given)) {
    demandNew(classes, `${of}.${name}`);
    classes.set(`${of}.${name}`, one);
    classNames.set(one.prototype, `${of}.${name}`);
  }
}

export function keptConstant<T extends object>(name: string, value: T): T {
  demandNew(constants, name);
  constants.set(name, value);
  origins.set(value, { name });
  return value;
}

export function remade<Args extends unknown[], T extends object>(
  name: string,
  make: (...args: Args) => T,
): (...args: Args) => T {
  demandNew(makers, name);
  makers.set(name, make as (...args: any[]) => object);
  return (...args) => {
    const made = make(...args);
    origins.set(made, { name, args });
    return made;
  };
}

export const kept = {
  className: (prototype: object): string | undefined => classNames.get(prototype),
  classOf: (name: string): KeptClass | undefined => classes.get(name),
  originOf: (value: object): Origin | undefined => origins.get(value),
  made({ name, args }: Origin): object {
    if (!args) return constants.get(name)!;
    const made = makers.get(name)!(...args);
    origins.set(made, { name, args });
    return made;
  },
};
