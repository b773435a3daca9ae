/** Puts a drawing where its claim check will say that it is. The same drawing under the same key does no harm. */
import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { environment } from '../../lib/contracts/environment';
import { labelKeyOf, type StoredLabel } from '../../lib/domain/labels/render-label';
import * as env from '../shared/environment';

export async function storeLabel(parcelId: string, svg: string, signal?: AbortSignal): Promise<StoredLabel> {
  const body = Buffer.from(svg, 'utf8');
  const key = labelKeyOf(parcelId);
  await env.s3().send(
    new PutObjectCommand({
      Bucket: env.variable(environment.labelsBucket),
      Key: key,
      Body: body,
      ContentType: 'image/svg+xml',
    }),
    env.until(signal),
  );
  return { key, sha256: createHash('sha256').update(body).digest('hex'), bytes: body.length };
}
