/**
 * The picture of a label: SVG, black on white, 100 mm by 150 mm, the size that label printers take.
 *
 * 1. The same text gives the same bytes.
 * 2. Whatever stands in an address is shown as text: it is escaped, and what XML cannot hold is left out.
 * 3. Text that is too long gets smaller, then is cut with an ellipsis; it never leaves its box.
 * Widths of text are estimates: the printer's fonts are not known here.
 */
import { code128, drawingSVG } from 'bwip-js/generic';
import type { Address, LabelText } from '../../lib/domain/labels/render-label';

/** A quarter of a millimetre each. */
const width = 400;
const height = 600;
const margin = 20;
const inner = width - 2 * margin;

export function drawLabel(label: LabelText): string {
  const [from = '', to = ''] = label.laneId.split('-');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="100mm" height="150mm" viewBox="0 0 ${width} ${height}" ` +
      'font-family="Helvetica, Arial, sans-serif">',
    `<title>Parcel ${escaped(label.parcelId)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...lane(from, to),
    ...sender(label.sender),
    ...recipient(label.recipient),
    ...facts([
      ['Dispatch', label.dispatchDate, 136],
      ['Weight', `${(label.weightGrams / 1000).toFixed(2)} kg`, 100],
      ['Service', 'Baton Parcel', 124],
    ]),
    ...barcode(label.parcelId),
    `<rect x="1.5" y="1.5" width="${width - 3}" height="${height - 3}" rx="10" fill="none" stroke="#000" stroke-width="3"/>`,
    '</svg>',
    '',
  ].join('\n');
}

/** The band that sorters read from afar. Small enough for 'WMM' in a wide font. */
function lane(from: string, to: string): string[] {
  const middle = width / 2;
  return [
    `<path d="M0 10a10 10 0 0 1 10-10h${width - 20}a10 10 0 0 1 10 10v94H0z"/>`,
    `<g fill="#fff" font-size="50" font-weight="700">`,
    `<text x="${margin}" y="70">${escaped(from)}</text>`,
    `<text x="${width - margin}" y="70" text-anchor="end">${escaped(to)}</text>`,
    '</g>',
    `<path d="M${middle - 22} 53h38m-14-14 16 14-16 14" fill="none" stroke="#fff" stroke-width="7"/>`,
  ];
}

function sender({ name, postcode, city }: Address): string[] {
  return [
    caption('From', margin, 128),
    line(name, { x: margin, y: 147, size: 15, room: inner }),
    line(`${postcode} ${city}`, { x: margin, y: 166, size: 15, room: inner }),
    rule(182),
  ];
}

function recipient({ name, postcode, city }: Address): string[] {
  return [
    caption('To', margin, 206),
    line(name, { x: margin, y: 244, size: 30, room: inner, bold: true }),
    line(postcode, { x: margin, y: 298, size: 46, room: inner, bold: true }),
    line(city, { x: margin, y: 337, size: 30, room: inner }),
    rule(360),
  ];
}

function facts(columns: [name: string, value: string, room: number][]): string[] {
  return [
    ...columns.flatMap(([name, value, room], index) => {
      const x = columns.slice(0, index).reduce((sum, [, , before]) => sum + before, margin);
      return [caption(name, x, 382), line(value, { x, y: 403, size: 18, room: room - 10, bold: true })];
    }),
    rule(420),
  ];
}

/** Ten modules of white on both sides, as Code 128 wants it: the margin is wider than that. */
function barcode(parcelId: string): string[] {
  const bars = code128({ bcid: 'code128', text: parcelId, scaleX: 1, scaleY: 1, height: 10 }, drawingSVG());
  const place =
    `<svg x="${margin + 10}" y="440" width="${inner - 20}" height="105" preserveAspectRatio="none" ` +
    'shape-rendering="crispEdges" ';
  const shown = fitted(parcelId, { size: 20, smallest: 8, room: inner, em: 0.62 });
  return [
    bars.trim().replace('<svg ', place),
    `<text x="${width / 2}" y="572" font-size="${shown.size}" text-anchor="middle" ` +
      `font-family="Courier New, Courier, monospace" font-weight="700">${escaped(shown.text)}</text>`,
  ];
}

const caption = (text: string, x: number, y: number): string =>
  `<text x="${x}" y="${y}" font-size="11" letter-spacing="1.5" fill="#555">${escaped(text.toUpperCase())}</text>`;

const rule = (y: number): string => `<path d="M0 ${y}h${width}" stroke="#000" stroke-width="2"/>`;

interface Line {
  x: number;
  y: number;
  size: number;
  /** The width that it may take. */
  room: number;
  bold?: boolean;
}

function line(text: string, { x, y, size, room, bold }: Line): string {
  const shown = fitted(text, { size, smallest: size / 2, room, em: bold ? 0.64 : 0.58 });
  const weight = bold ? ' font-weight="700"' : '';
  return `<text x="${x}" y="${y}" font-size="${shown.size}"${weight}>${escaped(shown.text)}</text>`;
}

interface Fit {
  size: number;
  /** Text that is still too long at this size is cut. */
  smallest: number;
  room: number;
  /** The mean width of a letter, as a share of the font's size. */
  em: number;
}

function fitted(text: string, { size, smallest, room, em }: Fit): { text: string; size: number } {
  const letters = [...text];
  const wide = letters.reduce((sum, letter) => sum + widthOf(letter, em), 0);
  const fitting = Math.min(size, room / wide);
  if (fitting >= smallest) return { text, size: Number(fitting.toFixed(2)) };
  let left = room / smallest - em;
  const kept = letters.findIndex((letter) => {
    left -= widthOf(letter, em);
    return left < 0;
  });
  return { text: `${letters.slice(0, kept).join('')}…`, size: smallest };
}

/** Han, kana, hangul and emoji are as wide as they are high. */
const widthOf = (letter: string, em: number): number => (letter.codePointAt(0)! >= 0x1100 ? 1 : em);

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Anything that is no character of XML 1.0: control characters, lone surrogates, U+FFFE and U+FFFF. */
const noCharacter = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

export const escaped = (text: string): string =>
  text.replace(noCharacter, '').replace(/[&<>"']/g, (letter) => references[letter]!);
