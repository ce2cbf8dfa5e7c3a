import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['packages/engine/src/core/**/*.test.ts'],
    testTimeout: 20_000,
    bail: 1,
  },
});
