/** The stacks, by what they are for. Ids are the same in every stage, so that logical ids are too. */
export const stacks = { state: 'BatonState', workflow: 'BatonWorkflow' } as const;

export type StackId = (typeof stacks)[keyof typeof stacks];

/** The name in CloudFormation: 'BatonState' in stage 'dev', 'BatonState-prod' in 'prod'. */
export const stackName = (id: StackId, stage: string): string => (stage === 'dev' ? id : `${id}-${stage}`);

/** 'dispatch/reserve-capacity' -> 'DispatchReserveCapacity': how outputs name a consumer. */
export const outputName = (id: string): string =>
  id
    .split(/[/-]/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
