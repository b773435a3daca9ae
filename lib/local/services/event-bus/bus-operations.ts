/**
 * Buses, their permissions (kept and shown, not enforced) and tags.
 * Source: API reference of each action; texts as recorded from AWS.
 */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { constraint, notFound, validation } from './errors';
import { type Bus, type Buses, byName, page, tagsOf } from './model';

/** The statements of a policy document; refuses what is none. */
function readPolicy(text: string): Json[] {
  let statements: unknown;
  try {
    statements = JSON.parse(text)?.Statement;
  } catch {
    throw validation('The policy is not valid JSON.');
  }
  if (!Array.isArray(statements)) throw validation('The policy has no list of statements under Statement.');
  return statements;
}

export type Operations = Record<string, (now: Millis, input: Json) => Json>;

export function busOperations(buses: Buses, { account }: ServiceOptions): Operations {
  /** The tags of a bus or a rule. */
  const tagged = (arn: string): Map<string, string> => {
    const [, bus, rule] = /:rule\/(?:(.+)\/)?([^/]+)$/.exec(arn) ?? [];
    return rule ? buses.rule(bus, rule).tags : buses.get(arn).tags;
  };

  return {
    CreateEventBus: (now, { Name, Description, DeadLetterConfig, Tags }) => {
      if (!/^[/.\-_A-Za-z0-9]{1,256}$/.test(Name ?? ''))
        throw constraint('name', Name, 'Member must satisfy regular expression pattern: [/\\.\\-_A-Za-z0-9]+');
      if (Name.includes('/')) throw validation("Event bus name must not contain '/'.");
      const bus = buses.create(Name, now);
      bus.description = Description;
      bus.deadLetterConfig = DeadLetterConfig;
      bus.tags = tagsOf(Tags);
      return { EventBusArn: bus.arn, Description, DeadLetterConfig };
    },
    DeleteEventBus: (_now, { Name }) => {
      buses.delete(Name);
      return {};
    },
    DescribeEventBus: (_now, { Name }) => shown(buses.get(Name)),
    ListEventBuses: (_now, input) => {
      const { items, ...more } = page(byName(buses.all(), input.NamePrefix), input);
      return { EventBuses: items.map(shown), ...more };
    },
    PutPermission: (now, input) => {
      const bus = buses.get(input.EventBusName);
      bus.modifiedMs = now;
      if (input.Policy !== undefined) {
        bus.policy = readPolicy(input.Policy);
        return {};
      }
      const { StatementId: Sid, Principal, Action = 'events:PutEvents', Condition } = input;
      const statement = {
        Sid,
        Effect: 'Allow',
        Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal ?? account}:root` },
        Action,
        Resource: bus.arn,
        ...(Condition ? { Condition: { [Condition.Type]: { [Condition.Key]: Condition.Value } } } : {}),
      };
      bus.policy = [...bus.policy.filter((known) => known.Sid !== Sid), statement];
      return {};
    },
    RemovePermission: (now, { StatementId, RemoveAllPermissions, EventBusName }) => {
      const bus = buses.get(EventBusName);
      const kept = RemoveAllPermissions ? [] : bus.policy.filter(({ Sid }) => Sid !== StatementId);
      if (!RemoveAllPermissions && kept.length === bus.policy.length)
        throw notFound('Statement with the provided id does not exist.');
      bus.policy = kept;
      bus.modifiedMs = now;
      return {};
    },
    /** What AWS::Events::EventBusPolicy asks for: one whole statement. */
    $putStatement: (_now, { EventBusName, Statement }) => {
      const bus = buses.get(EventBusName);
      bus.policy = [...bus.policy.filter(({ Sid }) => Sid !== Statement.Sid), Statement];
      return {};
    },
    TagResource: (_now, { ResourceARN, Tags }) => {
      const tags = tagged(ResourceARN);
      for (const [key, value] of tagsOf(Tags)) tags.set(key, value);
      return {};
    },
    UntagResource: (_now, { ResourceARN, TagKeys }) => {
      const tags = tagged(ResourceARN);
      for (const key of TagKeys) tags.delete(key);
      return {};
    },
    ListTagsForResource: (_now, { ResourceARN }) => ({
      Tags: [...tagged(ResourceARN)].map(([Key, Value]) => ({ Key, Value })),
    }),
  };
}

const shown = (bus: Bus): Json => ({
  Name: bus.name,
  Arn: bus.arn,
  Description: bus.description,
  Policy: bus.policy.length > 0 ? JSON.stringify({ Version: '2012-10-17', Statement: bus.policy }) : undefined,
  DeadLetterConfig: bus.deadLetterConfig,
  CreationTime: bus.createdMs / 1000,
  LastModifiedTime: bus.modifiedMs / 1000,
});
