// The arrows of docs/ARCHITECTURE.md as rules: what is not listed under `ARROWS` may not be imported. Type-only imports count.
// tools/layers.check.test.ts plants every import that is not allowed, a cycle and an undeclared package, and sees each reported.

/** Where each layer lives. The first pattern that fits a file names its layer. */
const LAYERS = {
  protocol: '^packages/protocol/',
  journal: '^packages/journal/',
  chunker: '^packages/chunker/',
  control: '^packages/control/',
  vault: '^packages/vault/',
  launcher: '^packages/launcher/',
  host: '^packages/host/',
  'engine/core': '^packages/engine/src/core/',
  'engine/ports': '^packages/engine/src/ports[./]',
  'engine/sync': '^packages/engine/src/sync/',
  'engine/node': '^packages/engine/src/node/',
  'engine/testing': '^packages/engine/src/testing/',
  'engine/entry': '^packages/engine/src/index\\.ts$',
  server: '^apps/server/',
  // The daemon, and the commands that must work without one.
  'cli/engine': '^apps/cli/src/(commands/)?(daemon|account|doctor|folders)[./-]',
  cli: '^apps/cli/(?!src/(commands/)?(daemon|account|doctor|folders)[./-])',
  'desktop/engine': '^apps/desktop/src/engine/',
  'desktop/main': '^apps/desktop/src/main/',
  'desktop/preload': '^apps/desktop/src/preload/',
  'desktop/renderer': '^apps/desktop/src/renderer/',
  // In Electron's place where there is none: knows nothing of the product.
  'desktop/stand-in': '^apps/desktop/stand-in/',
  decrypter: '^tools/decrypter/',
  engines: '^tools/engines/',
  tools: '^tools/(?!(decrypter|engines)/)',
  bench: '^bench/',
  e2e: '^e2e/',
};

/** @type {Record<keyof typeof LAYERS, (keyof typeof LAYERS)[]>} */
const ARROWS = {
  protocol: [],
  journal: ['protocol'],
  chunker: ['protocol'],
  control: ['protocol'],
  vault: ['journal', 'protocol'],
  launcher: [],
  host: ['engine/node', 'control', 'protocol'],
  'engine/core': ['protocol'],
  'engine/ports': ['engine/core', 'journal', 'protocol'],
  'engine/sync': ['engine/ports', 'engine/core', 'journal', 'protocol'],
  'engine/node': ['engine/sync', 'engine/ports', 'engine/core', 'chunker', 'vault', 'journal', 'protocol'],
  'engine/testing': ['engine/core', 'engine/ports', 'engine/sync', 'engine/node', 'journal', 'chunker', 'protocol'],
  'engine/entry': ['engine/core', 'engine/ports', 'engine/sync', 'protocol'],
  server: ['journal', 'protocol', 'launcher'],
  'cli/engine': ['cli', 'host', 'engine/node', 'vault', 'control', 'protocol'],
  cli: ['cli/engine', 'host', 'control', 'protocol', 'launcher'],
  'desktop/engine': ['host', 'engine/node', 'vault', 'control'],
  'desktop/main': ['host', 'control'],
  'desktop/preload': ['control'],
  'desktop/renderer': ['control'],
  'desktop/stand-in': [],
  decrypter: [],
  engines: [],
  tools: ['engines', 'launcher'],
  // The splitter and the seal are measured by themselves.
  bench: ['tools', 'engines', 'chunker'],
  e2e: ['tools', 'engines'],
};

const PRODUCT = '^(packages|apps|tools|bench|e2e)/(?!.*node_modules/)';
/** Tests, and the worlds they stand on. */
const TEST_FILE = '\\.test\\.tsx?$|\\.spec\\.ts$|/fixtures/';
const TEST = `${TEST_FILE}|/src/testing/|^e2e/|^bench/|^tools/(mutation|properties)/`;
/** They stand in the package.json at the top. */
const TEST_TOOLS = '^node_modules/(vitest|fast-check|eslint|typescript)/';
/** What a package offers to others. */
const ENTRIES =
  '^(packages|apps)/[^/]+/src/((core|node|testing)/)?index\\.ts$|^packages/protocol/src/plain\\.ts$|^apps/server/src/server-worker\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  allowedSeverity: 'error',
  allowed: [
    ...Object.entries(LAYERS).map(([name, path]) => ({
      from: { path },
      to: { path: [path, ...ARROWS[/** @type {keyof typeof LAYERS} */ (name)].map((to) => LAYERS[to])] },
    })),
    // The server in a thread of the app, for a person's own computer.
    {
      from: { path: '^apps/desktop/src/engine/server-worker\\.ts$' },
      to: { path: '^apps/server/src/server-worker\\.ts$' },
    },
    // A test may stand on the packages' entries, and on its own package's test world.
    { from: { path: `^(packages|apps)/.*(${TEST_FILE})` }, to: { path: ENTRIES } },
    { from: { path: `^packages/engine/.*(${TEST_FILE})` }, to: { path: '^packages/engine/src/testing/' } },
    // The server is tested on the engines that it runs on.
    { from: { path: `^apps/server/src/.*(${TEST_FILE})` }, to: { path: '^tools/engines/' } },
    { from: { path: '^apps/server/src/testing/' }, to: { path: '^tools/engines/' } },
    // So are its devices, which reach the object store themselves.
    { from: { path: `^packages/engine/src/node/.*(${TEST_FILE})` }, to: { path: '^tools/engines/' } },
    // Pictures are taken of the page of today's sources alone.
    {
      from: { path: '^apps/desktop/src/renderer/fixtures/shoot-screens\\.ts$' },
      to: { path: '^tools/test-run/page-sources\\.mjs$' },
    },
    // Configuration files and others at the top.
    { from: { path: '^[^/]+$' }, to: {} },
    // What comes from outside is the business of the rules below.
    { from: {}, to: { pathNot: PRODUCT } },
  ],
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or hide a third. Types count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'testing-in-tests-only',
      comment: 'A folder called testing is for tests.',
      severity: 'error',
      from: { pathNot: TEST },
      to: { path: '/src/testing/' },
    },
    {
      name: 'entry-only',
      comment: 'Another package is imported by its entry.',
      severity: 'error',
      from: { path: '^((?:packages|apps)/[^/]+)/' },
      to: { path: '^(packages|apps)/', pathNot: ['^$1/', 'node_modules/', ENTRIES, '^packages/launcher/'] },
    },
    {
      name: 'declared-packages-only',
      comment: 'What is imported stands in the package.json beside it.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: TEST_TOOLS },
    },
    {
      name: 'test-tools-in-tests-only',
      comment: 'What tests are made with is for tests.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: TEST },
      to: { path: TEST_TOOLS },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere is not checked by any rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-package-in-product',
      comment: 'What runs at a user’s is a dependency, not a devDependency. (The desktop bundles its own.)',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/(src|bin)/', pathNot: [TEST, '^apps/desktop/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure',
      comment: 'These run in a browser, in a test and in a server alike.',
      severity: 'error',
      from: {
        path: ['^packages/(protocol|control)/', '^packages/engine/src/core/', '^apps/desktop/src/renderer/'],
        pathNot: TEST,
      },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|out|assembly|test-results|playwright-report)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
    builtInModules: { add: ['node:sqlite', 'node:test'] },
  },
};
