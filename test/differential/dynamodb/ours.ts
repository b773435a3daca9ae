/** Baton's table service behind the wire, without a socket: what a client would read. Time stands still. */
import { seededRandom } from '../../../lib/local/random';
import { createTableService } from '../../../lib/local/services/table';
import { createWire } from '../../../lib/local/wire';
import type { Tables } from './amazon';

const nowMs = Date.parse('2026-01-01T00:00:00Z');

export function ourTables(): Tables {
  const service = createTableService({
    account: '000000000000',
    region: 'us-east-1',
    random: seededRandom('differential'),
    endpoint: 'http://127.0.0.1:4566',
  });
  const wire = createWire(
    async (_, operation, input) => service.apply(nowMs, { operation, input, requestId: 'differential' }).reply!,
  );
  return {
    ask: async (operation, input) => {
      const { status, body } = await wire.handle({
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` },
        body: Buffer.from(JSON.stringify(input), 'utf8'),
      });
      return { status, body: JSON.parse(body.toString('utf8')) };
    },
  };
}
