// `npm run mutation`: every small wrong change of the engine's core must make one of core's own tests fail. Findings: docs/RELIABILITY.md.
export default {
  mutate: ['packages/engine/src/core/*.ts', '!packages/engine/src/core/*.test.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  // What is not copied is reached through the links in node_modules.
  ignorePatterns: [
    '**',
    '!packages/engine/src/core/**',
    '!vitest.mutation.config.ts',
    '!package.json',
    '!tsconfig*.json',
    '!packages/engine/package.json',
    '!packages/engine/tsconfig.json',
  ],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 10_000,
  disableTypeChecks: false,
  allowEmpty: false,
  reporters: ['json', 'clear-text'],
  jsonReporter: { fileName: 'out/mutation/report.json' },
  incremental: true,
  incrementalFile: 'out/mutation/incremental.json',
  tempDirName: 'out/mutation/sandbox',
  allowConsoleColors: false,
};
