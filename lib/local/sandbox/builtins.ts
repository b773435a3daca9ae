/**
 * Node's modules, as code of one context may have them. Those that are the context's own are made when they are first asked
 * for: most code asks for few, and all are made anew at each cold start.
 */
import { pureModules, refusingModule } from './modules/host';

export class Builtins {
  private readonly made = new Map<string, unknown>();

  /** How to make those that are the context's own, by name. */
  constructor(private readonly own: Record<string, () => unknown>) {}

  /** Names without 'node:'. True also for those that refuse when they are used. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** undefined: the sandbox does not model it, or Node has no such module. */
  get(name: string): unknown {
    if (Object.hasOwn(pureModules, name)) return pureModules[name];
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const made = Object.hasOwn(this.own, name) ? this.own[name]!() : refusingModule(name);
    if (made !== undefined) this.made.set(name, made);
    return made;
  }
}
