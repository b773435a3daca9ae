/**
 * A class that is an environment's own: `first` comes before what code gives to its constructor. Not a class made for the
 * environment: V8's hidden classes are old from the beginning, and of one that leads to a class, all that this class can
 * reach, so the whole environment, is kept until the next major collection.
 */
export function boundTo<T extends abstract new (...args: never[]) => object>(type: T, first: unknown): T {
  const bound: T = new Proxy(type, {
    construct: (_, given, extending) =>
      Reflect.construct(type as never, [first, ...given], extending === bound ? type : extending),
  });
  return bound;
}
