/** A rule of the checks (cdk-nag) that does not fit a construct, with the reason: no suppression is without one. */
import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export function acknowledge(construct: Construct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
