/** A failure as one HTML file that needs nothing else: a lane for each part, an arrow for each line, faults in red. */
import { clock, type Line } from './timeline';

const laneWidth = 190;
const rowHeight = 26;
const left = 120;
const top = 90;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign]!);
const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

export interface PictureText {
  title: string;
  paragraphs: readonly string[];
  strikes: readonly string[];
}

export function pictureOf({ title, paragraphs, strikes }: PictureText, lines: readonly Line[]): string {
  const lanes = [...new Set(lines.flatMap(({ from, to }) => [from, to]).filter((name) => name !== ''))];
  const x = (name: string): number => left + (lanes.indexOf(name) + 0.5) * laneWidth;
  const height = top + (lines.length + 1) * rowHeight;
  const width = left + lanes.length * laneWidth + 40;
  const heads = lanes.map((name) => {
    const at = x(name);
    return (
      `<line x1="${at}" y1="${top - 20}" x2="${at}" y2="${height}" class="lane"/>` +
      `<text x="${at}" y="${top - 30}" class="head"><title>${escaped(name)}</title>${escaped(cut(name, 26))}</text>`
    );
  });
  const rows = lines.map((line, index) => {
    const y = top + (index + 0.5) * rowHeight;
    const kind = line.fault ? 'fault' : 'way';
    const stamp = `<text x="8" y="${y + 4}" class="time">${clock(line.atMs)}</text>`;
    if (line.from === '') return `<text x="${left}" y="${y + 4}" class="note">${escaped(line.text)}</text>`;
    const a = x(line.from);
    const b = line.to === '' ? a : x(line.to);
    const label = `<text x="${Math.min(a, b) + 8}" y="${y - 4}" class="label ${kind}"><title>${escaped(line.text)}</title>${escaped(cut(line.text, 90))}</text>`;
    const mark =
      a === b
        ? `<circle cx="${a}" cy="${y}" r="4" class="${kind}"/>`
        : `<line x1="${a}" y1="${y}" x2="${b}" y2="${y}" class="${kind}" marker-end="url(#tip-${kind})"/>`;
    return stamp + mark + label;
  });
  const tip = (kind: string): string =>
    `<marker id="tip-${kind}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" class="${kind}"/></marker>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>
body{font:14px system-ui,sans-serif;margin:24px;color:#1c2733;background:#fff}
h1{font-size:19px} p,li{max-width:100ch;white-space:pre-wrap} code{background:#eef1f4;padding:1px 4px}
.scroll{overflow-x:auto} svg text{font:11px ui-monospace,monospace}
.lane{stroke:#d5dce3} .head{text-anchor:middle;font-weight:600} .time,.note{fill:#6b7885}
line.way{stroke:#37648c} .way{fill:#37648c} line.fault{stroke:#c62828;stroke-dasharray:4 3} .fault{fill:#c62828} text.way{fill:#1c2733}
</style></head><body>
<h1>${escaped(title)}</h1>
${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('\n')}
<p>${strikes.length > 0 ? 'What went wrong on purpose:' : 'Nothing went wrong on purpose: it fails without any fault.'}</p>
<ul>${strikes.map((text) => `<li><code>${escaped(text)}</code></li>`).join('')}</ul>
<div class="scroll"><svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${tip('way')}${tip('fault')}</defs>
${heads.join('\n')}
${rows.join('\n')}
</svg></div></body></html>
`;
}
