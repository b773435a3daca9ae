import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test.each(['own', 'shared'])(
  "a rejection nobody sees (%s code) ends the environment that owns it; one of the host's ends the process",
  (code) => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, 'rejected.script.ts'), code], {
      encoding: 'utf8',
      cwd: join(__dirname, '../../..'),
    });
    expect(JSON.parse(run.stdout)).toMatchObject({
      functionError: 'Crash',
      at: 0,
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'TypeError: unseen',
    });
    expect(run.stderr).toMatch(/Error: of the host/);
    expect(run.status).toBe(1);
  },
);
