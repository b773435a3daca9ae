/** A trace tree as text that people read: times relative to the first event, one line a hop. */
import pc from 'picocolors';
import type { ConsumerNode, EventNode, TraceTree } from './tree';

const marks: Record<ConsumerNode['status'], string> = {
  handled: pc.green('✓'),
  rejected: pc.red('✗'),
  'dead-lettered': pc.red('✗'),
  parked: pc.yellow('P'),
  claimed: pc.yellow('…'),
  waiting: pc.yellow('…'),
  conducting: pc.yellow('…'),
};

const words: Record<ConsumerNode['status'], string> = {
  handled: '',
  rejected: 'refused, in its dead letters',
  'dead-lettered': 'in its dead letters',
  parked: 'parked: a person must look',
  claimed: 'outside call under way',
  waiting: 'not handled yet',
  conducting: 'its saga runs',
};

export function renderTree(tree: TraceTree): string {
  const start = Math.min(...tree.roots.map((root) => Date.parse(root.at)));
  const lines: string[] = [];
  for (const root of tree.roots) renderEvent(root, start, '', lines, new Set());
  if (tree.complete)
    lines.push(`${pc.bold('ended')}  ${tree.ended ? colourEnd(tree.ended) : 'nothing more will happen by itself'}`);
  else lines.push(pc.yellow('still under way'));
  return lines.join('\n');
}

export function colourEnd(type: string): string {
  return type === 'BookingRejected' ? pc.red(type) : pc.green(type);
}

function renderEvent(event: EventNode, start: number, indent: string, lines: string[], shown: Set<string>): void {
  const later = event.dueAt ? pc.dim(`  due ${event.dueAt}`) : '';
  lines.push(`${time(Date.parse(event.at) - start)}  ${indent}${pc.cyan(event.type)}${later}${remark(event)}`);
  if (shown.has(event.id)) return;
  shown.add(event.id);
  for (const consumer of event.handledBy) {
    const at = consumer.at ? time(Date.parse(consumer.at) - start) : '         ';
    const said = [words[consumer.status], consumer.reason].filter(Boolean).join(': ');
    const hop = consumer.hopMs !== undefined && consumer.hopMs >= 0 ? pc.dim(`  +${duration(consumer.hopMs)}`) : '';
    lines.push(
      `${at}  ${indent}  ${marks[consumer.status]} ${consumer.consumer}${hop}${said ? `  ${pc.red(said)}` : ''}`,
    );
    for (const emitted of consumer.emitted) renderEvent(emitted, start, `${indent}    `, lines, shown);
  }
}

/** What a reader wants to know of an event's data: why a refusal. */
function remark(event: EventNode): string {
  const reason = (event.data as { reason?: unknown } | undefined)?.reason;
  return typeof reason === 'string' ? pc.dim(`  (${reason})`) : '';
}

function time(ms: number): string {
  return pc.dim(`+${duration(Math.max(0, ms))}`.padStart(9));
}

export function duration(ms: number): string {
  if (ms < 10_000) return `${ms} ms`;
  if (ms < 600_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${(ms / 60_000).toFixed(0)} min`;
}
