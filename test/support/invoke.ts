/**
 * The local Lambda invocation for tests: one bundled handler, the messages a test gives it, nothing else of the app runs.
 * What the handler publishes reaches nobody. Several invocations in one world share its tables and a warm function.
 */
import { type Invoked, invokeConsumer, sqsRecord } from '../../lib/cli/invoke';
import type { Consumer, EventOf, EventType } from '../../lib/contracts/kit';
import type { VirtualOptions, VirtualWorld } from '../../lib/local/virtual';
import { appWorld } from './world';

type AnyEvent = EventOf<EventType>;

/** A world to invoke handlers in, stopped after the test. */
export const handlerWorld = (options: Partial<VirtualOptions> = {}): VirtualWorld =>
  appWorld({ ...options, traceRequests: () => true });

/**
 * Invokes the consumer's function with one batch. An event is given as handlers see it (`eventOf` in samples.ts makes
 * one); a string is a message's body as it is. Records are named message-1, message-2, ... in the answer.
 */
export function invoke(world: VirtualWorld, consumer: Consumer, ...messages: (AnyEvent | string)[]): Promise<Invoked> {
  const records = messages.map((message, index) => {
    const name = `message-${index + 1}`;
    if (typeof message === 'string') return sqsRecord(consumer.on[0]!, message, world.time.now(), name);
    const type = consumer.on.find((event) => event.name === message.type);
    if (!type)
      throw new Error(
        `${consumer.id} does not listen to ${message.type}; it listens to ${consumer.on.map(({ name: on }) => on).join(', ')}`,
      );
    return sqsRecord(type, { meta: message.meta, data: message.data }, world.time.now(), name);
  });
  return invokeConsumer(world, consumer, records);
}
