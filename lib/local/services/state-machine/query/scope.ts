/** Variables: what Assign sets. A branch or an iteration sees the outer ones and sets its own. */

import { keptClass } from '../../kept';
import type { Json } from '../../service';

export class Scope {
  private values = new Map<string, Json>();
  constructor(
    private readonly outer?: Scope,
    values: Record<string, Json> = {},
  ) {
    this.set(values);
  }

  get(name: string): Json {
    return this.values.has(name) ? this.values.get(name) : this.outer?.get(name);
  }

  set(values: Record<string, Json>): void {
    for (const [name, value] of Object.entries(values)) this.values.set(name, value);
  }

  /** Without the outer ones. */
  own(): Record<string, Json> {
    return Object.fromEntries(this.values);
  }

  all(): Record<string, Json> {
    return { ...this.outer?.all(), ...Object.fromEntries(this.values) };
  }
}

keptClass('states', { Scope });
