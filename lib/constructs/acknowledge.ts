/** Rules of the checks (cdk-nag, AwsSolutions) that do not fit a construct: no suppression is without a reason. */
import { Reference, Stack, Tokenization, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** `rule`: such as 'S1', or with its finding, 'IAM5[Resource::*]'. */
export function acknowledge(construct: Construct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** Acknowledges a wildcard in the resource `arn` of a statement of `role`, and in no other. */
export function acknowledgeWildcard(role: Construct, arn: string, reason: string): void {
  acknowledge(role, `IAM5[Resource::${findingText(role, arn)}]`, reason);
}

/**
 * The text by which cdk-nag names an ARN: references as `<LogicalId.Attribute>`, values of other stacks by the name of
 * their export.
 */
function findingText(scope: Construct, arn: string): string {
  const here = Stack.of(scope);
  const nameOf = (token: { toString(): string }): string => {
    const local = here.resolve(token) as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
    if (local.Ref?.startsWith('AWS::')) return `<${local.Ref}>`;
    const home = Reference.isReference(token) ? Stack.of(token.target) : here;
    if (home !== here) {
      return (here.resolve(home.exportValue(token)) as { 'Fn::ImportValue': string })['Fn::ImportValue'];
    }
    return local.Ref ? `<${local.Ref}>` : `<${local['Fn::GetAtt']?.join('.')}>`;
  };
  return Tokenization.reverseString(arn)
    .mapTokens({ mapToken: (token) => nameOf(token) })
    .join({ join: (left, right) => `${left ?? ''}${right ?? ''}` });
}
