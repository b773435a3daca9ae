import { resolve } from 'node:path';
import { synthesize } from '../../stacks/synthesize';

export async function synth(options: { out: string }): Promise<void> {
  await synthesize(resolve(options.out));
}
