/**
 * Checksums that a client sent with an object: CRC32, SHA-1, SHA-256 and Content-MD5 are verified; CRC32C and
 * CRC64NVME are kept and given back without a comparison. Source: S3 user guide, "Checking object integrity".
 */
import { createHash } from 'node:crypto';
import { crc32 } from '../../wire/crc32';
import type { Json } from '../service';
import { s3Error } from './errors';

const hash = (name: string) => (body: Buffer) => createHash(name).update(body).digest('base64');

const known: Record<string, (body: Buffer) => string> = {
  ChecksumCRC32: (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
  ChecksumSHA1: hash('sha1'),
  ChecksumSHA256: hash('sha256'),
};
const uncompared = ['ChecksumCRC32C', 'ChecksumCRC64NVME'];

/** The checksums to keep. Throws BadDigest. */
export function verifyChecksums(input: Json, body: Buffer): Record<string, string> {
  if (input.ContentMD5 && input.ContentMD5 !== hash('md5')(body)) {
    throw s3Error('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.');
  }
  const kept: Record<string, string> = {};
  for (const name of uncompared) if (input[name]) kept[name] = input[name];
  for (const [name, compute] of Object.entries(known)) {
    const asked = input.ChecksumAlgorithm === name.slice('Checksum'.length);
    if (!input[name] && !asked) continue;
    const computed = compute(body);
    if (input[name] && input[name] !== computed) {
      const algorithm = name.slice('Checksum'.length);
      throw s3Error('BadDigest', 400, `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    kept[name] = computed;
  }
  return kept;
}
