/** Seeded chance: the same seed and names give the same draws, on every machine and in every process. */
import type { Random } from './ports';
import { keptClass } from './services/kept';

export const seededRandom = (seed: string): Random => new SeededRandom(seed);

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, passes the usual batteries; 128 bits of state. */
export class SeededRandom implements Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(private readonly seed: string) {
    [this.a, this.b, this.c, this.counter] = hash128(seed);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  next(): number {
    return this.uint32() / 4_294_967_296;
  }

  below(below: number): number {
    return Math.floor((this.uint32() / 4_294_967_296) * below);
  }

  hex(length: number): string {
    let digits = '';
    while (digits.length < length) digits += hex32(this.uint32());
    return digits.slice(0, length);
  }

  uuid(): string {
    const h = this.hex(32);
    const variant = ((Number.parseInt(h[16]!, 16) & 0x3) | 0x8).toString(16);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
  }

  fork(name: string): Random {
    return new SeededRandom(`${this.seed}/${name}`);
  }

  private uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + sum) | 0;
    return sum >>> 0;
  }
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Eight digits. Number's own `toString(16)` is slow for what does not fit into 31 bits, and every request draws ids. */
const hex32 = (word: number): string =>
  bytes[word >>> 24]! + bytes[(word >>> 16) & 0xff]! + bytes[(word >>> 8) & 0xff]! + bytes[word & 0xff]!;

/** Four 32-bit words from a text (cyrb128); not cryptographic. */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1 >>> 0, (h2 ^ h1) >>> 0, (h3 ^ h1) >>> 0, (h4 ^ h1) >>> 0];
}

keptClass('random', { SeededRandom });
