/** Which properties of a resource are acted on, change nothing here, or are refused. */
import type { ResourceType } from '../services/resource-type';
import type { Json } from '../services/service';

export interface PropertyVerdicts {
  /** Dotted paths that nobody models. */
  refused: string[];
  /** Dotted paths that change nothing here, with the reason. */
  ignored: { property: string; reason: string }[];
}

/**
 * Walks resolved properties. A listed path covers what is below it; where only longer paths are listed
 * ('Replicas.*.Region'), the walk goes down, '*' standing for any list index or map key.
 */
export function judgeProperties(type: ResourceType, props: Json): PropertyVerdicts {
  const modelled = type.modelled.map((path) => path.split('.'));
  const ignored = Object.entries(type.ignored ?? {}).map(([path, reason]) => ({ path: path.split('.'), reason }));
  const verdicts: PropertyVerdicts = { refused: [], ignored: [] };
  const walk = (value: Json, at: string[]): void => {
    const ignorance = ignored.find(({ path }) => path.length === at.length && leads(path, at));
    if (ignorance) verdicts.ignored.push({ property: at.join('.'), reason: ignorance.reason });
    else if (modelled.some((path) => path.length === at.length && leads(path, at))) return;
    else if (
      typeof value === 'object' &&
      value !== null &&
      [...modelled, ...ignored.map(({ path }) => path)].some((path) => leads(path, at))
    ) {
      for (const [key, item] of Object.entries(value)) walk(item, [...at, key]);
    } else verdicts.refused.push(at.join('.'));
  };
  for (const [key, value] of Object.entries(props ?? {})) walk(value, [key]);
  return verdicts;
}

/** `at` is `path` or lies on the way to it. */
const leads = (path: string[], at: string[]): boolean =>
  at.length <= path.length && at.every((part, index) => path[index] === '*' || path[index] === part);

const customResources =
  'custom resources run their function during a deployment: baton local does that, virtual time does not';
const apiDestinations =
  'API destinations are not modelled: nothing here calls out by HTTP; let a function be the target, and call from there';

/** By the beginning of the type: what to do instead. */
const whys: [type: string, why: string][] = [
  ['Custom::', customResources],
  ['AWS::CloudFormation::CustomResource', customResources],
  ['AWS::CloudFormation::Stack', 'nested stacks are not modelled; make them stacks of their own'],
  [
    'AWS::Serverless::',
    'SAM types are made into resources by a macro inside AWS; run sam build and cdk or sam synth to plain resources first',
  ],
  [
    'AWS::CloudFormation::WaitCondition',
    'a wait condition stops a deployment until somebody calls; nothing is deployed here',
  ],
  [
    'AWS::ApiGateway',
    'API Gateway is not modelled: no HTTP API runs here; invoke its functions through the Lambda API',
  ],
  [
    'AWS::Pipes::',
    'EventBridge Pipes are not modelled: an event source mapping and its function do what a pipe does, or a rule with a target',
  ],
  ['AWS::Events::ApiDestination', apiDestinations],
  ['AWS::Events::Connection', apiDestinations],
];

export const whyUnmodelled = (type: string): string =>
  whys.find(([start]) => type.startsWith(start))?.[1] ?? 'the type is not modelled';

/** For each macro of a template, which is given as CloudFormation takes it: one, several or none. */
export const whyNotTransformed = (given: Json): string[] =>
  [given ?? []]
    .flat()
    // The functions of this one are evaluated as they are (ForEach is refused where it stands).
    .filter((macro) => macro !== 'AWS::LanguageExtensions')
    .map((macro) => `the macro ${JSON.stringify(macro)} runs inside AWS and is not modelled`);
