/** `Fn::Cidr`. Source: CloudFormation template reference, Fn::Cidr: [ipBlock, count (1-256), cidrBits (host bits)]. */
import ipaddr from 'ipaddr.js';

/** Throws RangeError with a sentence. A block has `hostBits` host bits: 8 gives /24 blocks of IPv4. */
export function splitCidr(block: string, count: number, hostBits = 8): string[] {
  if (!ipaddr.isValidCIDR(block)) throw new RangeError(`Fn::Cidr: '${block}' is not a CIDR block such as 10.0.0.0/16`);
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new RangeError(`Fn::Cidr: count is ${count}; allowed: 1 to 256`);
  const [address, prefix] = ipaddr.parseCIDR(block);
  const width = address.kind() === 'ipv4' ? 32 : 128;
  const newPrefix = width - hostBits;
  if (newPrefix < prefix || newPrefix > width || count > 2 ** Math.min(newPrefix - prefix, 30)) {
    throw new RangeError(`Fn::Cidr: ${count} blocks of ${hostBits} host bits do not fit into ${block}`);
  }
  const bits = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const first = (bits >> BigInt(width - prefix)) << BigInt(width - prefix);
  return Array.from({ length: count }, (_, index) => {
    let value = first + (BigInt(index) << BigInt(hostBits));
    const bytes: number[] = [];
    for (let left = width / 8; left > 0; left--) {
      bytes.unshift(Number(value & 255n));
      value >>= 8n;
    }
    return `${ipaddr.fromByteArray(bytes).toString()}/${newPrefix}`;
  });
}
