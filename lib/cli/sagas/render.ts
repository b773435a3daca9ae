/** Executions and their asks as text that people read. */
import pc from 'picocolors';
import { controlSteps } from '../../contracts/saga';
import { duration as shortDuration } from '../trace/render';
import type { AskView, ExecutionView } from './read';

const marks: Record<AskView['outcome'], string> = {
  answered: pc.green('✓'),
  refused: pc.red('✗'),
  'timed-out': pc.red('⌛'),
  failed: pc.red('✗'),
  waiting: pc.yellow('…'),
  ended: pc.dim('-'),
};

/** 'runs', 'done', 'undone (why)', 'FAILED (why)'. */
export function statusText({ status, outcome, reason }: ExecutionView): string {
  if (status === 'RUNNING') return pc.yellow('runs');
  if (status === 'SUCCEEDED' && outcome === 'done') return pc.green('done');
  const why = reason ? ` (${reason})` : '';
  if (status === 'SUCCEEDED') return outcome === 'undone' ? `${pc.magenta('undone')}${why}` : pc.green('ended');
  return pc.red(`${status.toLowerCase()}${why}: a person must look`);
}

/** What a running execution waits for: 'approve-booking for 3 h'. The wait for a cancel is no news. */
export function waitingText(asks: readonly AskView[], nowMs: number): string {
  const waiting = asks.filter(({ outcome, step }) => outcome === 'waiting' && step !== controlSteps.watch);
  return waiting
    .map(({ step, at, data }) => {
      const what = step === controlSteps.park ? `a person: ${data?.step} is parked` : step;
      return `${what} for ${duration(nowMs - Date.parse(at))}`;
    })
    .join(', ');
}

export function renderExecution(execution: ExecutionView, asks: readonly AskView[], nowMs: number): string {
  const start = Date.parse(execution.startedAt);
  const lines = [
    `${pc.bold(execution.key)}  ${execution.saga}  ${statusText(execution)}`,
    pc.dim(`started ${execution.startedAt}`),
  ];
  for (const ask of asks) {
    const lasted = ask.endedAt
      ? duration(Date.parse(ask.endedAt) - Date.parse(ask.at))
      : ask.outcome === 'waiting'
        ? `${duration(nowMs - Date.parse(ask.at))} so far`
        : '';
    const said =
      ask.answer ??
      ask.reason ??
      (ask.step === controlSteps.watch && ask.outcome === 'waiting'
        ? 'a cancel would be heard'
        : ask.outcome === 'waiting'
          ? 'no answer yet'
          : '');
    const text = ask.outcome === 'answered' ? pc.cyan(said) : pc.red(said);
    const step = ask.step === controlSteps.park && ask.data?.step ? `park: ${ask.data.step}` : ask.step;
    lines.push(
      `${pc.dim(`+${duration(Date.parse(ask.at) - start)}`.padStart(9))}  ${marks[ask.outcome]} ${step.padEnd(24)}  ${pc.cyan(ask.type.padEnd(26))} -> ${ask.outcome === 'waiting' || ask.outcome === 'ended' ? pc.dim(said || 'ended with the others') : text}  ${pc.dim(lasted)}`,
    );
  }
  return lines.join('\n');
}

/** A saga may wait for days. */
function duration(ms: number): string {
  if (ms < 7_200_000) return shortDuration(ms);
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}
