/** The numbers of a Map: how many iterations at once, how many may fail. Source: ASL, "Map State Concurrency", "Failure Tolerance". */
import type { Json } from '../../service';
import { runtimeFailure } from '../failure';
import { textOf } from '../json';
import { fillTyped } from '../query/expression-values';
import { readWhole } from '../query/path-values';
import type { StateContext } from './context';

export interface MapNumbers {
  /** 0: as many as AWS allows. */
  maxConcurrency: number;
  toleratedCount?: number;
  toleratedPercentage?: number;
  tolerates(failures: number, total: number): boolean;
}

export function mapNumbers(context: StateContext, effective: Json): MapNumbers {
  const number = (name: string, kind: 'integer' | 'float'): number | undefined => {
    const literal = context.state[name];
    if (literal !== undefined) {
      return context.jsonata ? fillTyped(literal, name, 'number', context.expressions()) : literal;
    }
    const path = context.state[`${name}Path`];
    if (path === undefined) return undefined;
    const value = readWhole(path, context.paths(effective));
    if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && (kind === 'float' || !value.includes('.'))) {
      return Number(value);
    }
    if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) {
      throw runtimeFailure(
        `The ${name}Path field refers to value "${plain(value)}" which is not a valid ${kind}: ${path}`,
      );
    }
    return value;
  };
  const maxConcurrency = number('MaxConcurrency', 'integer') ?? 0;
  const toleratedCount = number('ToleratedFailureCount', 'integer');
  const toleratedPercentage = number('ToleratedFailurePercentage', 'float');
  if (maxConcurrency < 0) throw runtimeFailure('MaxConcurrency must be a non-negative integer.');
  if (toleratedCount !== undefined && toleratedCount < 0) {
    throw runtimeFailure('ToleratedFailureCount must be positive.');
  }
  if (toleratedPercentage !== undefined && !(toleratedPercentage >= 0 && toleratedPercentage <= 100)) {
    throw runtimeFailure('ToleratedFailurePercentage must be between 0 and 100.');
  }
  return {
    maxConcurrency,
    toleratedCount,
    toleratedPercentage,
    tolerates: (failures, total) => {
      if (toleratedCount === undefined && toleratedPercentage === undefined) return failures === 0;
      const byCount = toleratedCount === undefined || failures <= toleratedCount;
      const byShare = toleratedPercentage === undefined || failures * 100 <= toleratedPercentage * total;
      return byCount && byShare;
    },
  };
}

const plain = (value: Json): string => (typeof value === 'string' ? value : textOf(value));
