/** Schedule groups and their tags; 'default' is always there. Source: Scheduler API, CreateScheduleGroup. */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { conflict, notFound } from './errors';
import { page } from './page';
import { demandName } from './schedules';

interface Group {
  name: string;
  arn: string;
  createdMs: Millis;
  clientToken?: string;
  tags: Map<string, string>;
}

export class Groups {
  private readonly groups = new Map<string, Group>();

  constructor(private readonly options: ServiceOptions) {
    this.add('default', 0);
  }

  has(name: string): boolean {
    return this.groups.has(name);
  }

  create(now: Millis, input: Json): Json {
    const name = demandName('name', input.Name);
    const existing = this.groups.get(name);
    if (existing) {
      if (input.ClientToken === undefined || input.ClientToken !== existing.clientToken) {
        throw conflict(`Schedule group ${name} already exists.`);
      }
      return { ScheduleGroupArn: existing.arn };
    }
    const group = this.add(name, now, input.ClientToken ?? undefined);
    for (const { Key, Value } of input.Tags ?? []) group.tags.set(Key, Value);
    return { ScheduleGroupArn: group.arn };
  }

  get(input: Json): Json {
    return render(this.find(input.Name));
  }

  list(input: Json): Json {
    const found = [...this.groups.values()].filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
    return page(found.map(render), input, 'ScheduleGroups');
  }

  delete(input: Json): void {
    this.groups.delete(this.find(input.Name).name);
  }

  tag(input: Json): Json {
    const { tags } = this.byArn(input.ResourceArn);
    for (const { Key, Value } of input.Tags ?? []) tags.set(Key, Value);
    return {};
  }

  untag(input: Json): Json {
    const { tags } = this.byArn(input.ResourceArn);
    for (const key of input.TagKeys ?? []) tags.delete(key);
    return {};
  }

  tags(input: Json): Json {
    const { tags } = this.byArn(input.ResourceArn);
    return { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
  }

  private add(name: string, now: Millis, clientToken?: string): Group {
    const { region, account } = this.options;
    const arn = `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;
    const group: Group = { name, arn, createdMs: now, clientToken, tags: new Map() };
    this.groups.set(name, group);
    return group;
  }

  private find(given: unknown): Group {
    const name = demandName('name', given);
    const group = this.groups.get(name);
    if (!group) throw notFound(`Schedule group ${name}`);
    return group;
  }

  private byArn(arn: unknown): Group {
    for (const group of this.groups.values()) if (group.arn === arn) return group;
    throw notFound(`Resource ${String(arn)}`);
  }
}

const render = ({ name, arn, createdMs }: Group): Json => ({
  Arn: arn,
  Name: name,
  State: 'ACTIVE',
  CreationDate: createdMs / 1000,
  LastModificationDate: createdMs / 1000,
});
