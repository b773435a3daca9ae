/** One line that says how it goes; on a terminal it is written over itself. */
import pc from 'picocolors';
import type { Report } from '../../sim';

const everyMs = 500;
const everyMsElsewhere = 15_000;

export class Progress {
  private readonly started = performance.now();
  private shownAt = this.started;

  constructor(
    private readonly out: NodeJS.WriteStream,
    /** What is counted: 'seeds'. */
    private readonly what: string,
    private readonly total: number | undefined,
  ) {}

  show(report: Report, last = false): void {
    const now = performance.now();
    if (!last && now - this.shownAt < (this.out.isTTY ? everyMs : everyMsElsewhere)) return;
    this.shownAt = now;
    const line = this.line(report, (now - this.started) / 1000);
    this.out.write(this.out.isTTY ? `\r\u001b[K${line}${last ? '\n' : ''}` : `${line}\n`);
  }

  private line(report: Report, seconds: number): string {
    const rate = report.seeds / Math.max(seconds, 0.001);
    const hours = report.virtualMs / 3_600_000 / Math.max(seconds, 0.001);
    const failed = report.seeds - report.passed - report.inconclusive.length;
    const of = this.total === undefined ? '' : `/${this.total}`;
    const bar = this.total === undefined ? '' : `${barOf(report.seeds / this.total)} `;
    const bad = failed > 0 ? pc.red(`${failed} failed`) : '0 failed';
    return `${bar}${report.seeds}${of} ${this.what}, ${rate.toFixed(1)} ${this.what}/s, ${hours.toFixed(1)} virtual h/s, ${bad}${report.inconclusive.length ? `, ${report.inconclusive.length} inconclusive` : ''}`;
  }
}

function barOf(share: number): string {
  const full = Math.min(20, Math.round(share * 20));
  return `[${'='.repeat(full)}${' '.repeat(20 - full)}]`;
}
