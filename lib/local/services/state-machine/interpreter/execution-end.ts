/** What startExecution.sync gives of an ended execution. Source: Step Functions developer guide, "Start a new AWS Step Functions execution". */
import type { Json } from '../../service';
import type { Execution } from './execution';

export interface ExecutionEnd {
  result?: Json;
  error?: string;
  cause?: string;
}

/** `parses`: .sync:2, whose Input and Output are JSON, not text. */
export function executionEnd(execution: Execution, parses: boolean): ExecutionEnd {
  const payload = (text: string | undefined): Json => (text !== undefined && parses ? JSON.parse(text) : text);
  const described = {
    ExecutionArn: execution.arn,
    Input: payload(execution.inputText),
    InputDetails: { Included: true },
    Name: execution.name,
    ...(execution.outputText !== undefined
      ? { Output: payload(execution.outputText), OutputDetails: { Included: true } }
      : {}),
    ...(execution.error !== undefined ? { Error: execution.error } : {}),
    ...(execution.cause !== undefined ? { Cause: execution.cause } : {}),
    RedriveCount: execution.redrives,
    RedriveStatus: execution.status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    ...(execution.status === 'SUCCEEDED'
      ? { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }
      : {}),
    StartDate: execution.startMs,
    StateMachineArn: execution.machine.arn,
    Status: execution.status,
    StopDate: execution.stopMs,
  };
  if (execution.status === 'SUCCEEDED') return { result: described };
  return { error: 'States.TaskFailed', cause: JSON.stringify(described) };
}
