/** From sources to a cloud assembly, in this process: for bin/app.ts, the command line and the tests. */
import { bundleHandlers } from '../constructs/bundle';

/** Bundles the handlers and writes the assembly into `outDir`. `context`: as `-c key=value`. */
export async function synthesize(outDir: string, context: Record<string, unknown> = {}): Promise<void> {
  // The CDK is loaded while esbuild, in a process of its own, is at work.
  const bundling = bundleHandlers();
  const [handlers, { createApp }] = await Promise.all([bundling, import('./app')]);
  createApp(handlers, outDir, context).synth();
}
