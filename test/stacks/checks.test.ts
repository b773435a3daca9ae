/** cdk-nag's AwsSolutions rules over both stacks: no finding, and a reason for whatever does not apply. */
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { appWithEmptyHandlers } from '../support/stacks';

/** Rule -> constructs, of what the checks find. */
function findings(app: App): Record<string, string[]> {
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return Object.fromEntries(
    violations.map(({ ruleName, violatingResources }) => [
      ruleName,
      violatingResources.map((resource) => String(resource.constructPath)),
    ]),
  );
}

/** Construct -> rule -> reason, of what is acknowledged. */
function acknowledged(app: App): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const construct of app.node.findAll()) {
    for (const { type, data } of construct.node.metadata) {
      if (type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY) {
        found[construct.node.path] = { ...found[construct.node.path], ...data };
      }
    }
  }
  return found;
}

test('nothing is found in the synthesized app', () => {
  const { app } = appWithEmptyHandlers();
  app.synth();
  expect(findings(app)).toEqual({});
});

test('a queue that anybody may reach without TLS would be found, and fail a synthesis that has the checks as a plugin', () => {
  const { app } = appWithEmptyHandlers();
  new Queue(app.node.findChild('BatonWorkflow') as Stack, 'Careless');
  expect(Object.keys(findings(app))).toEqual(expect.arrayContaining(['AwsSolutions-SQS3', 'AwsSolutions-SQS4']));
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  const quiet = jest.spyOn(console, 'error').mockImplementation(() => {});
  expect(() => app.synth()).toThrow(/Careless.*SQS4/s);
  quiet.mockRestore();
});

test('every acknowledgement gives its reason, and none covers more than its finding', () => {
  const { app } = appWithEmptyHandlers();
  app.synth();
  const all = Object.entries(acknowledged(app)).flatMap(([path, rules]) =>
    Object.entries(rules).map(([rule, reason]) => ({ path, rule: rule.replace(/^annotation::/i, ''), reason })),
  );
  expect(all.length).toBeGreaterThan(20);
  for (const { path, rule, reason } of all) {
    expect(`${path} ${rule}: ${reason}`).toMatch(/: .{20,}$/);
    expect(rule).toMatch(/^AwsSolutions-(SQS3|S1|IAM5\[Resource::.+\])$/);
  }
});
