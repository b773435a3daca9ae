/** Positions in a bundle -> positions in the sources, read when the first stack trace is asked for. */
import { SourceMap } from 'node:module';

export interface Position {
  /** Relative to the project: leading '../' are what is left of the bundler's folders. */
  file: string;
  /** From 1. */
  line: number;
  column: number;
}

/** `line` and `column` from 1, as in a stack trace; undefined where there is no map or nothing at that place. */
export type Positions = (line: number, column: number) => Position | undefined;

export function positionsOf(read: () => string | undefined): Positions {
  let map: SourceMap | undefined;
  let tried = false;
  return (line, column) => {
    if (!tried) {
      tried = true;
      const text = read();
      if (text) map = new SourceMap(JSON.parse(text));
    }
    const entry = map?.findEntry(line - 1, column - 1);
    if (!entry || !('originalSource' in entry) || entry.originalSource === undefined) return undefined;
    return {
      file: entry.originalSource.replace(/^(\.\.\/)+/, ''),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  };
}

/** `Error.prepareStackTrace` for code whose files have positions. */
export function formatStack(
  error: unknown,
  sites: NodeJS.CallSite[],
  positionsFor: (file: string) => Positions | undefined,
): string {
  const lines = sites.map((site) => {
    const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
    const text = String(site);
    if (!file || !line || !column) return `    at ${text}`;
    const mapped = positionsFor(file)?.(line, column);
    if (!mapped) return `    at ${text}`;
    return `    at ${text.replace(`${file}:${line}:${column}`, `${mapped.file}:${mapped.line}:${mapped.column}`)}`;
  });
  return [headline(error), ...lines].join('\n');
}

function headline(error: unknown): string {
  const { name, message } = error as Error;
  return message ? `${name ?? 'Error'}: ${message}` : String(name ?? 'Error');
}
