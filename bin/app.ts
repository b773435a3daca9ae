/** The CDK's entry: `cdk synth` and `cdk deploy` run it. */
import { synthesize } from '../lib/stacks/synthesize';

synthesize(process.env.CDK_OUTDIR ?? 'cdk.out').catch((error: Error) => {
  console.error(error.name.endsWith('Error') && error.name !== 'Error' ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
});
