// `npm run mutation`: every small wrong change of the engine's core must make one of core's own tests fail. Findings: docs/RELIABILITY.md.
export default {
  mutate: ['packages/engine/src/core/*.ts', '!packages/engine/src/core/*.test.ts'],
  testRunner: 'in-process',
  plugins: ['./tools/mutation/runner.ts'],
  // What is not copied is reached through the links in node_modules.
  ignorePatterns: [
    '**',
    '!packages/engine/src/core/**',
    '!package.json',
    '!tsconfig*.json',
    '!packages/engine/package.json',
    '!packages/engine/tsconfig.json',
  ],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 20_000,
  disableTypeChecks: false,
  allowEmpty: false,
  reporters: [],
  incremental: true,
  tempDirName: 'out/mutation/sandbox',
};
