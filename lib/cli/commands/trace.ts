import { Aws, type WhereOptions } from '../aws';
import { CliError } from '../errors';
import { followToEnd } from '../trace/follow';
import { renderTree } from '../trace/render';

export async function traceCommand(id: string, options: WhereOptions & { json: boolean; wait: number }): Promise<void> {
  const aws = Aws.at(options);
  const tree = await followToEnd(aws, id, { withinMs: options.wait * 1000 });
  if (!tree) {
    throw new CliError(
      `Nothing is known of '${id}' at ${aws.place}: no idempotency record has it as correlation or key, and no dead letter names it. An event that was published this moment may need a second.`,
    );
  }
  console.log(options.json ? JSON.stringify(tree, null, 2) : renderTree(tree));
}
