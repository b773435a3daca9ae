/** Names of what EventBridge holds. Source: Service Authorization Reference, EventBridge, resource types. */
export interface Where {
  account: string;
  region: string;
}

const arn = ({ account, region }: Where, rest: string): string => `arn:aws:events:${region}:${account}:${rest}`;

export const busArn = (where: Where, bus: string): string => arn(where, `event-bus/${bus}`);
export const ruleArn = (where: Where, bus: string, rule: string): string =>
  arn(where, bus === 'default' ? `rule/${rule}` : `rule/${bus}/${rule}`);
export const archiveArn = (where: Where, archive: string): string => arn(where, `archive/${archive}`);
export const replayArn = (where: Where, replay: string): string => arn(where, `replay/${replay}`);

/** A bus is given by name or ARN; undefined means the default bus. */
export const busNameOf = (nameOrArn: string | undefined): string => nameOrArn?.split(':event-bus/').at(-1) ?? 'default';

/** 'arn:aws:sqs:eu-central-1:123456789012:jobs' -> its parts; undefined when it is no ARN. */
export interface ArnParts {
  service: string;
  region: string;
  account: string;
  resource: string;
}

export function parseArn(text: unknown): ArnParts | undefined {
  if (typeof text !== 'string') return undefined;
  const [scheme, , service, region = '', account = '', ...resource] = text.split(':');
  if (scheme !== 'arn' || !service || resource.length === 0) return undefined;
  return { service, region, account, resource: resource.join(':') };
}
