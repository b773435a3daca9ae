/** The CDK app: settings -> stacks. */
import { App, Tags } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { readSettings } from '../config';
import type { HandlerBundles } from '../constructs/bundle';
import { stackName, stacks } from './names';
import { StateStack } from './state-stack';
import { WorkflowStack } from './workflow-stack';

/**
 * What cdk.json and the CDK's command line would pass: here, so that templates are the same with and without them.
 * Paths in the metadata are what the local run names resources by.
 */
const appContext = {
  ...recommendedFlags,
  // Exports, not parameters: a value in use cannot be taken away by its producer.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
};

/** `context`: as `-c key=value`; it goes before what the command line passes. Throws SettingsError. */
export function createApp(handlers: HandlerBundles, outDir?: string, context: Record<string, unknown> = {}): App {
  const app = new App({
    outdir: outDir,
    context: appContext,
    postCliContext: context,
    analyticsReporting: false,
    // It takes 3 s and finds nothing that the tests do not; one CI step runs with it.
    builtinCloudFormationValidation: process.env.CDK_VALIDATION === 'true',
  });
  const settings = readSettings((key) => app.node.tryGetContext(key), process.env);
  const state = new StateStack(app, stacks.state, { settings, stackName: stackName(stacks.state, settings.stage) });
  new WorkflowStack(app, stacks.workflow, {
    settings,
    stackName: stackName(stacks.workflow, settings.stage),
    state,
    handlers,
  });
  for (const [name, value] of Object.entries(settings.tags)) Tags.of(app).add(name, value);
  return app;
}
