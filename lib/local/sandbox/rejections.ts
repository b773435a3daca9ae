/**
 * Promises of sandboxed code that are rejected unseen: Node tells the process, which would end. The owner is told instead;
 * a rejection that no sandbox owns ends the process as it would without us.
 */

/** Tells whether the promise was its own. */
type Watcher = (reason: unknown, promise: unknown) => boolean;

const watchers = new Set<Watcher>();

function unhandled(reason: unknown, promise: unknown): void {
  for (const watcher of watchers) if (watcher(reason, promise)) return;
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}

/** Returns what ends it. Only while somebody watches does this process have a listener. */
export function watchRejections(watcher: Watcher): () => void {
  if (watchers.size === 0) process.on('unhandledRejection', unhandled);
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) process.off('unhandledRejection', unhandled);
  };
}
