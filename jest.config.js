/** Tests are TypeScript, compiled by swc; CDK's own template validation runs in CI only (it costs 3 s a synthesis). */
process.env.CDK_VALIDATION ??= 'false';
// As functions on AWS: without it a test could pass here and fail elsewhere.
process.env.TZ = 'UTC';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testSequencer: '<rootDir>/test/support/longest-first.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' },
    ],
  },
  // middy ships ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!@middy/)'],
  moduleNameMapper: { '^@middy/(core|util)$': '<rootDir>/node_modules/@middy/$1/index.js' },
  // One test file at a time leaves a core idle; more than the cores only thrashes.
  maxWorkers: '100%',
  // A guard only: the first flow test of a run may have to synthesize the app.
  testTimeout: 60_000,
};
