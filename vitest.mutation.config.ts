import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['packages/engine/src/core/**/*.test.ts'],
    setupFiles: ['packages/engine/src/core/fixtures/steady-properties.ts'],
    testTimeout: 20_000,
  },
});
