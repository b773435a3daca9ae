/**
 * The embedded metric format: metrics inside of a log line.
 * Source: CloudWatch User Guide, "Specification: Embedded metric format".
 */
import type { Json } from '../service';

export interface Datum {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  unit: string;
  values: number[];
  timestampMs: number;
}

/** Empty when the line holds no metrics; AWS takes a broken document as a plain line, too. */
export function metricsIn(line: string): Datum[] {
  const start = line.indexOf('{');
  let document: Json;
  try {
    document = JSON.parse(line.slice(start));
  } catch {
    return [];
  }
  const { Timestamp, CloudWatchMetrics } = document?._aws ?? {};
  if (!Array.isArray(CloudWatchMetrics)) return [];
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions = [[]], Metrics = [] }: Json) =>
    Metrics.flatMap(({ Name, Unit = 'None' }: Json) => {
      const values = [document[Name]].flat().filter((value) => typeof value === 'number');
      if (values.length === 0) return [];
      return (Dimensions.length > 0 ? Dimensions : [[]]).map((names: string[]) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, String(document[name])])),
        unit: Unit,
        values,
        timestampMs: Timestamp,
      }));
    }),
  );
}
