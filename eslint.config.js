import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.test.{ts,tsx}', '**/*.spec.ts', '**/fixtures/**', 'e2e/**', 'bench/**'];
/** Files whose work it is to talk to a person at a terminal. */
const TERMINALS = [
  'apps/cli/**',
  'apps/server/src/main.ts',
  'tools/**',
  'bench/**',
  'e2e/**',
  'apps/desktop/scripts/**',
];
/** Files whose form a tool decides. */
const CONFIGS = ['*.config.{js,ts}', '**/*.config.{js,ts,mjs}', '.dependency-cruiser.cjs'];

/** What reaches out of a pure function, and the port of packages/engine/src/ports.ts that stands for it. */
const AMBIENT = [
  { name: 'Date', message: 'Time comes through the Clock port.' },
  { name: 'performance', message: 'Time comes through the Clock port.' },
  { name: 'setTimeout', message: 'Waiting goes through the Clock port.' },
  { name: 'setInterval', message: 'Waiting goes through the Clock port.' },
  { name: 'setImmediate', message: 'Waiting goes through the Clock port.' },
  { name: 'crypto', message: 'Chance comes through the Random port, ciphers and keys through the Sealing port.' },
  { name: 'fetch', message: 'The network is reached through the Remote port.' },
  { name: 'WebSocket', message: 'The network is reached through the Remote port.' },
  {
    name: 'process',
    message: 'The surroundings come in as arguments; power and keys through the Power and KeyStore ports.',
  },
];
const MATH_RANDOM = { object: 'Math', property: 'random', message: 'Chance comes through the Random port.' };
const OUTSIDE_MODULES = [
  {
    group: ['node:fs', 'node:fs/*', 'fs', 'fs/*', 'chokidar'],
    message: 'Files are reached through the FileSystem and Watcher ports.',
  },
  {
    group: ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'undici', 'ws'],
    message: 'The network is reached through the Remote port.',
  },
  { group: ['node:timers', 'node:timers/*', 'node:perf_hooks'], message: 'Time comes through the Clock port.' },
  {
    group: ['node:crypto', 'crypto'],
    message: 'Chance comes through the Random port, ciphers and keys through the Sealing port.',
  },
  { group: ['better-sqlite3', 'node:sqlite'], message: 'State is kept through the Trees, Queue and Cursors ports.' },
  {
    group: ['node:child_process', 'node:worker_threads', 'node:os', 'node:process'],
    message: 'The system is reached through a port.',
  },
];

const namedExportsOnly = [
  { selector: 'ExportAllDeclaration', message: 'Name what is exported: `export *` hides what a package promises.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: a name that is searched for is found.' },
];

const patientOnly = {
  selector: "CallExpression[callee.object.name='vi'][callee.property.name=/^waitFor|^waitUntil/][arguments.length=1]",
  message: 'Say how long: the second that it would wait is too short on a loaded machine.',
};

export default defineConfig(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      '**/out/**',
      '**/coverage/**',
      '**/test-results/**',
      '**/playwright-report/**',
      'tools/types/**',
      // AssemblyScript: its own language in the same clothes.
      'packages/chunker/assembly/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
    rules: { 'no-restricted-syntax': ['error', ...namedExportsOnly] },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // tsc reports these (noUnusedLocals, noUnusedParameters).
      '@typescript-eslint/no-unused-vars': 'off',
      // There are no enums: Node strips types, it does not compile.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // A number or a branded string in a template reads as what it is.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
      // `() => void work()` and `return fail()` of a void call are clear.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // noUncheckedIndexedAccess makes `!` the honest mark of an index known to be there.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // noPropertyAccessFromIndexSignature asks for the brackets that this rule would take away.
      '@typescript-eslint/dot-notation': 'off',
      // Guards at the border with JSON, SQLite and the network look needless to the types and are not.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'always' }],
      // Both forms say the same of a shape.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // An async function that fulfils a port's contract may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // React event handlers and event emitters take async functions whose errors the function itself settles.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // The parameter may be a union of literals today and wider tomorrow; `void` in a union of results is a result.
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-syntax': ['error', ...namedExportsOnly],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['apps/desktop/src/renderer/**/*.js', 'apps/server/src/admin/page/*.js'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: TERMINALS,
    rules: { 'no-console': 'off' },
  },
  {
    files: TESTS,
    rules: {
      // A test looks into answers whose shape it has just asserted.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': ['error', ...namedExportsOnly, patientOnly],
    },
  },
  {
    files: CONFIGS,
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // A package's entry is the one place that gathers: each file behind it names what it exports.
    files: ['packages/*/src/index.ts'],
    rules: { 'no-restricted-syntax': ['error', ...namedExportsOnly.slice(1)] },
  },
  {
    files: ['packages/engine/src/{core,sync}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...AMBIENT],
      'no-restricted-properties': ['error', MATH_RANDOM],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: OUTSIDE_MODULES }],
    },
  },
  {
    // Simulations replay from a seed: the clock and chance are the world's own.
    files: ['packages/engine/src/testing/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'Date', message: 'Time is the simulated world’s own.' }],
      'no-restricted-properties': ['error', { ...MATH_RANDOM, message: 'Chance comes from the seed.' }],
    },
  },
  {
    files: ['packages/{protocol,control}/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-globals': ['error', ...AMBIENT], 'no-restricted-properties': ['error', MATH_RANDOM] },
  },
);
