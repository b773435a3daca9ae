/**
 * Stack traces of the command line name places in the TypeScript. The map of a bundle is read when the first stack is
 * asked for: Node's own way, setSourceMapsEnabled, reads it at every start, for 0.1 s and 15 MB.
 */
import { formatStack, type Positions, positionsOf } from '../local/sandbox/source-map';

const known = new Map<string, Positions>();

/** `file` as stack traces name it; `read` gives its source map. */
export function showPlacesOf(file: string, read: () => string | undefined): void {
  known.set(file, positionsOf(read));
  Error.prepareStackTrace = (error, sites) => formatStack(error, sites, (at) => known.get(at));
}
