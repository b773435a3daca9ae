/** What a LoggingConfiguration may say. Source: Step Functions API reference, LoggingConfiguration; texts as AWS gives them. */
import type { Json } from '../service';
import { invalidLogging, validation } from './errors';

const levels = ['ALL', 'ERROR', 'FATAL', 'OFF'];

export function checkLogging(given: Json): void {
  if (given === undefined || given === null) return;
  const { level = 'OFF', destinations = [] } = given;
  if (!levels.includes(level)) {
    throw validation(
      `1 validation error detected: Value '${level}' at 'loggingConfiguration.level' failed to satisfy constraint: Member must satisfy enum value set: [${levels.join(', ')}]`,
    );
  }
  if (destinations.length > 1 || (level !== 'OFF' && destinations.length === 0)) {
    throw invalidLogging('Must specify exactly one Log Destination.');
  }
  for (const { cloudWatchLogsLogGroup: group } of destinations) {
    const arn = group?.logGroupArn;
    if (!/^arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:[^:]+(:\*)?$/.test(String(arn))) {
      throw invalidLogging(`Log Destination '${arn}' is not the ARN of a log group.`);
    }
    if (!String(arn).endsWith(':*')) throw invalidLogging("Log Group ARN must be provided with '*' qualifier.");
  }
}
