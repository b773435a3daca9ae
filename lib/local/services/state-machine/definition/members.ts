/** Which members a state may have, by type and query language. Source: Amazon States Language, "Table of State Types and Fields". */
import type { QueryLanguage } from '../interpreter/definition';

type Members = Record<'both' | QueryLanguage, string[]>;

const common = ['Type', 'Comment', 'QueryLanguage'];
const transition = ['Next', 'End'];
const pathData = ['InputPath', 'OutputPath'];
const pathResult = ['ResultPath', 'ResultSelector'];

const members: Record<string, Members> = {
  Pass: {
    both: [...transition, 'Assign'],
    JSONPath: [...pathData, 'ResultPath', 'Parameters', 'Result'],
    JSONata: ['Output'],
  },
  Task: {
    both: [...transition, 'Assign', 'Resource', 'Retry', 'Catch', 'TimeoutSeconds', 'HeartbeatSeconds', 'Credentials'],
    JSONPath: [...pathData, ...pathResult, 'Parameters', 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
    JSONata: ['Arguments', 'Output'],
  },
  Choice: { both: ['Choices', 'Default', 'Assign'], JSONPath: [...pathData], JSONata: ['Output'] },
  Wait: {
    both: [...transition, 'Assign', 'Seconds', 'Timestamp'],
    JSONPath: [...pathData, 'SecondsPath', 'TimestampPath'],
    JSONata: ['Output'],
  },
  Succeed: { both: [], JSONPath: [...pathData], JSONata: ['Output'] },
  Fail: { both: ['Error', 'Cause'], JSONPath: ['ErrorPath', 'CausePath'], JSONata: [] },
  Parallel: {
    both: [...transition, 'Assign', 'Branches', 'Retry', 'Catch'],
    JSONPath: [...pathData, ...pathResult, 'Parameters'],
    JSONata: ['Arguments', 'Output'],
  },
  Map: {
    both: [
      ...transition,
      'Assign',
      'ItemProcessor',
      'Iterator',
      'Retry',
      'Catch',
      'MaxConcurrency',
      'ToleratedFailureCount',
      'ToleratedFailurePercentage',
      'ItemSelector',
      'ItemBatcher',
      'ItemReader',
      'ResultWriter',
      'Label',
    ],
    JSONPath: [
      ...pathData,
      ...pathResult,
      'Parameters',
      'ItemsPath',
      'MaxConcurrencyPath',
      'ToleratedFailureCountPath',
      'ToleratedFailurePercentagePath',
    ],
    JSONata: ['Items', 'Output'],
  },
};

export const stateTypes = Object.keys(members);

/** Undefined for an unknown type. */
export function allowedMembers(type: string, language: QueryLanguage): Set<string> | undefined {
  const found = Object.hasOwn(members, type) ? members[type]! : undefined;
  return found && new Set([...common, ...found.both, ...found[language]]);
}
