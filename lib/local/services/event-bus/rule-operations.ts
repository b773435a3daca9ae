/** Rules and their targets. Source: API reference of each action; texts as recorded from AWS. */
import type { Json, ServiceOptions } from '../service';
import { ruleArn } from './arns';
import type { Operations } from './bus-operations';
import { constraint, invalidParameter, invalidPattern, limitExceeded, validation } from './errors';
import { type Buses, byName, page, type Rule, tagsOf } from './model';
import {
  type CompiledPattern,
  compilePattern,
  InvalidEventPatternError,
  leavesOf,
  matches,
  parseEvent,
} from './pattern';
import { parseSchedule } from './schedule-expression';
import { checkTarget } from './targets';

const maxTargets = 5;
const states = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];
/** What TestEventPattern demands of an event. Source: API reference, TestEventPattern, Event. */
const eventFields = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

/** `scheduled` is told when the times of a rule may have changed. */
export function ruleOperations(
  buses: Buses,
  options: ServiceOptions,
  scheduled: (rule: Rule, now: number) => void,
): Operations {
  const refile = (rule: Rule): void => {
    const { index } = buses.get(rule.busName);
    if (rule.pattern && rule.state !== 'DISABLED') index.set(rule, rule.pattern);
    else index.delete(rule);
  };
  const setState =
    (state: string) =>
    (now: number, { Name, EventBusName }: Json) => {
      const rule = buses.rule(EventBusName, Name);
      rule.state = state;
      refile(rule);
      scheduled(rule, now);
      return {};
    };

  return {
    PutRule: (now, input) => {
      const { Name, EventPattern, ScheduleExpression, State = 'ENABLED', Description, RoleArn, Tags } = input;
      if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Name ?? ''))
        throw constraint('name', Name, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+');
      if (!states.includes(State))
        throw constraint('state', State, `Member must satisfy enum value set: [${states.join(', ')}]`);
      const bus = buses.get(input.EventBusName);
      if (ScheduleExpression && bus.name !== 'default')
        throw validation('ScheduleExpression is supported only on the default event bus.');
      if (!EventPattern && !ScheduleExpression)
        throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
      const pattern = EventPattern ? compiled(EventPattern) : undefined;
      const schedule = ScheduleExpression ? parseSchedule(ScheduleExpression, now) : undefined;
      const known = bus.rules.get(Name);
      const rule: Rule = Object.assign(known ?? { targets: new Map(), tags: tagsOf(Tags) }, {
        name: Name,
        arn: ruleArn(options, bus.name, Name),
        busName: bus.name,
        state: State,
        description: Description,
        roleArn: RoleArn,
        patternText: EventPattern,
        pattern,
        scheduleText: ScheduleExpression,
        schedule,
      });
      bus.rules.set(Name, rule);
      refile(rule);
      scheduled(rule, now);
      return { RuleArn: rule.arn };
    },
    DeleteRule: (now, { Name, EventBusName }) => {
      const bus = buses.get(EventBusName);
      const rule = bus.rules.get(Name);
      if (!rule) return {};
      if (rule.targets.size > 0) throw validation("Rule can't be deleted since it has targets.");
      bus.rules.delete(Name);
      bus.index.delete(rule);
      rule.schedule = undefined;
      scheduled(rule, now);
      return {};
    },
    DescribeRule: (_now, { Name, EventBusName }) => {
      const rule = buses.rule(EventBusName, Name);
      return { ...shown(rule), CreatedBy: options.account };
    },
    ListRules: (_now, input) => {
      const { items, ...more } = page(byName(buses.get(input.EventBusName).rules.values(), input.NamePrefix), input);
      return { Rules: items.map(shown), ...more };
    },
    EnableRule: setState('ENABLED'),
    DisableRule: setState('DISABLED'),
    ListRuleNamesByTarget: (_now, input) => {
      const rules = byName(buses.get(input.EventBusName).rules.values()).filter(({ targets }) =>
        [...targets.values()].some(({ Arn }) => Arn === input.TargetArn),
      );
      const { items, ...more } = page(rules, input);
      return { RuleNames: items.map(({ name }) => name), ...more };
    },
    PutTargets: (_now, { Rule, EventBusName, Targets }) => {
      const rule = buses.rule(EventBusName, Rule);
      Targets.forEach(checkTarget);
      const ids = new Set([...rule.targets.keys(), ...Targets.map(({ Id }: Json) => Id)]);
      if (ids.size > maxTargets) throw limitExceeded();
      for (const target of Targets) rule.targets.set(target.Id, target);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: (_now, { Rule, EventBusName, Ids }) => {
      const rule = buses.rule(EventBusName, Rule);
      const FailedEntries = (Ids as string[])
        .filter((id) => !rule.targets.delete(id))
        .map((TargetId) => ({
          TargetId,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Rule ${rule.name} does not have a target with the Id ${TargetId}.`,
        }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    },
    ListTargetsByRule: (_now, input) => {
      const rule = buses.rule(input.EventBusName, input.Rule);
      const { items, ...more } = page([...rule.targets.values()], input);
      return { Targets: items, ...more };
    },
    TestEventPattern: (_now, { EventPattern, Event }) => {
      const pattern = compiled(EventPattern);
      let event: Json;
      try {
        event = parseEvent(Event);
      } catch {
        throw invalidParameter('Event');
      }
      if (typeof event !== 'object' || event === null || eventFields.some((field) => event[field] === undefined))
        throw invalidParameter('Event');
      return { Result: matches(pattern, leavesOf(event)) };
    },
  };
}

function compiled(text: string): CompiledPattern {
  try {
    return compilePattern(text);
  } catch (error) {
    if (error instanceof InvalidEventPatternError) throw invalidPattern(error.message);
    throw error;
  }
}

const shown = (rule: Rule): Json => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.patternText,
  ScheduleExpression: rule.scheduleText,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.busName,
});
