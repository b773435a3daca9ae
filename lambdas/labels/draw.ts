/**
 * The picture of a label: SVG, black on white, 100 mm by 150 mm, the size that label printers take.
 *
 * 1. The same text gives the same bytes.
 * 2. Whatever stands in an address is shown as text: it is escaped, and what XML cannot hold is left out.
 * 3. Text that is too long gets smaller, then is cut with an ellipsis; it never leaves its box.
 * Widths of text are estimates: the printer's fonts are not known here.
 */
import { code128, drawingSVG } from 'bwip-js/generic';
import type { Address, LabelText } from '../../lib/domain/labels/label';

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
      ['Dispatch', label.dispatchDate],
      ['Weight', `${(label.weightGrams / 1000).toFixed(2)} kg`],
      ['Service', 'Baton Parcel'],
    ]),
    ...barcode(label.parcelId),
    `<rect x="1.5" y="1.5" width="${width - 3}" height="${height - 3}" rx="10" fill="none" stroke="#000" stroke-width="3"/>`,
    '</svg>',
    '',
  ].join('\n');
}

/** The band that sorters read from afar. */
function lane(from: string, to: string): string[] {
  const middle = width / 2;
  return [
    `<path d="M0 10a10 10 0 0 1 10-10h${width - 20}a10 10 0 0 1 10 10v94H0z"/>`,
    `<g fill="#fff" font-size="62" font-weight="700">`,
    `<text x="${margin}" y="75" letter-spacing="1">${escaped(from)}</text>`,
    `<text x="${width - margin}" y="75" text-anchor="end" letter-spacing="1">${escaped(to)}</text>`,
    '</g>',
    `<path d="M${middle - 26} 54h44m-16-16 17 16-17 16" fill="none" stroke="#fff" stroke-width="7"/>`,
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

function facts(pairs: [name: string, value: string][]): string[] {
  const room = inner / pairs.length;
  return [
    ...pairs.flatMap(([name, value], index) => {
      const x = margin + index * room;
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
  const shown = fitted(parcelId, 20, inner, 0.62);
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
  const shown = fitted(text, size, room, bold ? 0.6 : 0.55);
  const weight = bold ? ' font-weight="700"' : '';
  return `<text x="${x}" y="${y}" font-size="${shown.size}"${weight}>${escaped(shown.text)}</text>`;
}

/** Smaller than this share of the wanted size, text is cut instead. */
const smallestShare = 0.5;

/** `em`: the mean width of a letter, as a share of the font's size. */
function fitted(text: string, size: number, room: number, em: number): { text: string; size: number } {
  const letters = [...text];
  const wide = letters.reduce((sum, letter) => sum + widthOf(letter, em), 0);
  const share = Math.min(1, room / (wide * size));
  if (share >= smallestShare) return { text, size: Number((size * share).toFixed(2)) };
  const smallest = size * smallestShare;
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
