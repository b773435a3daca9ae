/** What happens to an event on a bus: it is archived, matched, and given to every target of every rule that matches. */
import type { Millis } from '../../ports';
import type { Effect } from '../service';
import type { Archives } from './archives';
import type { Deliveries } from './deliveries';
import type { BusEvent } from './event';
import type { Bus, Rule } from './model';

export class Publisher {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly archives: Archives,
    private readonly effect: (effect: Effect) => void,
  ) {}

  /** `only` narrows a replay to some rules. */
  publish(now: Millis, bus: Bus, event: BusEvent, only?: ReadonlySet<string>): void {
    const { id, source, 'detail-type': detailType, detail, 'replay-name': replay } = event.json;
    this.effect({
      kind: 'trace',
      entry: { kind: 'published', bus: bus.name, id, source, detailType, detail, ...(replay ? { replay } : {}) },
    });
    this.archives.take(now, bus, event);
    for (const rule of bus.index.matching(event.json)) {
      if (!only || only.has(rule.arn)) this.deliver(now, rule, event);
    }
  }

  deliver(now: Millis, rule: Rule, event: BusEvent): void {
    for (const target of rule.targets.values()) this.deliveries.start(now, rule.busName, rule, target, event);
  }
}
