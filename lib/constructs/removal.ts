/** What happens to a resource with memory when its stack is removed, by the stage's settings. */
import { RemovalPolicy } from 'aws-cdk-lib';
import type { Settings } from '../config';

export const removalPolicy = (settings: Settings): RemovalPolicy =>
  settings.removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
