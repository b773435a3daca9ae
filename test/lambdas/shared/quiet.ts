/** Imported before anything that logs: the tests look at effects; log.test.ts looks at the log. */
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
