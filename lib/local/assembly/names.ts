/** Physical names as CloudFormation makes them: stack, logical id and 12 characters, here derived instead of drawn. */
import { createHash } from 'node:crypto';

/**
 * Equal in every run for the same stack and logical id. Cut to `maxLength` (63 unless told: fits every service)
 * from the stack's name and the logical id, never from the 12 characters or the suffix.
 */
export function uniqueName(
  stackName: string,
  logicalId: string,
  options: { maxLength?: number; lowerCase?: boolean; suffix?: string } = {},
): string {
  const { maxLength = 63, lowerCase = false, suffix = '' } = options;
  const digest = createHash('sha256').update(`${stackName} ${logicalId}`).digest();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const tail = Array.from(digest.subarray(0, 12), (byte) => alphabet[byte % alphabet.length]).join('');
  const room = maxLength - tail.length - suffix.length - 2;
  const idLength = Math.min(logicalId.length, Math.max(Math.ceil(room / 2), room - stackName.length));
  const name = `${stackName.slice(0, room - idLength)}-${logicalId.slice(0, idLength)}-${tail}`;
  return (lowerCase ? name.toLowerCase() : name) + suffix;
}
