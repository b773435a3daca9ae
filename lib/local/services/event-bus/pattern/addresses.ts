/** IP addresses and blocks of them. Source: aws/event-ruler, "IP Address Matching": IPv4 and IPv6, RFC 4632 and 4291. */
import ipaddr from 'ipaddr.js';

/** 4 or 16 bytes. */
export type Address = number[];

export interface Block {
  low: Address;
  high: Address;
}

const looksLikeV4 = /^\d+\.\d+\.\d+\.\d+$/;
const looksLikeV6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/;

/** Undefined when the text is no address. Addresses of IPv4 written in IPv6 (::ffff:a00:1) count as IPv4. */
export function address(text: string): Address | undefined {
  if (looksLikeV4.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.every((byte) => byte <= 255) ? bytes : undefined;
  }
  if (!looksLikeV6.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  const parsed = ipaddr.IPv6.parse(text);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toByteArray() : parsed.toByteArray();
}

/** Throws RangeError with AWS's text. */
export function block(text: string): Block {
  const parts = text.split('/');
  if (parts.length !== 2) throw new RangeError("Malformed CIDR, one '/' required");
  const [base, mask] = parts as [string, string];
  if (!/^[+-]?\d+$/.test(mask)) throw new RangeError('Malformed CIDR, mask bits must be an integer');
  const bits = Number(mask);
  if (bits < 0) throw new RangeError('Malformed CIDR, mask bits must not be negative');
  const bytes = address(base);
  if (!bytes) throw new RangeError(`Nonstandard IP address: ${base}`);
  if (bytes.length === 4 && bits > 31) throw new RangeError('IPv4 mask bits must be < 32');
  if (bytes.length === 16 && bits > 127) throw new RangeError('IPv6 mask bits must be < 128');
  const free = bytes.map((_, index) => 0xff >> Math.min(8, Math.max(0, bits - 8 * index)));
  return {
    low: bytes.map((byte, index) => byte & ~free[index]!),
    high: bytes.map((byte, index) => byte | free[index]!),
  };
}

export function within(bytes: Address, { low, high }: Block): boolean {
  return bytes.length === low.length && compare(bytes, low) >= 0 && compare(bytes, high) <= 0;
}

function compare(a: Address, b: Address): number {
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!;
  }
  return 0;
}
