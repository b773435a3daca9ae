/** A state machine's definition as the interpreter runs it: the parsed JSON, as AWS's names have it. */
import type { Json } from '../../service';

export interface Program {
  StartAt: string;
  States: Record<string, StateDefinition>;
  QueryLanguage?: QueryLanguage;
  TimeoutSeconds?: number;
  ProcessorConfig?: { Mode?: 'INLINE' | 'DISTRIBUTED'; ExecutionType?: 'STANDARD' | 'EXPRESS' };
}

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** Members depend on Type; validated before an execution sees them. */
export interface StateDefinition {
  Type: 'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';
  QueryLanguage?: QueryLanguage;
  Next?: string;
  End?: boolean;
  [member: string]: Json;
}
