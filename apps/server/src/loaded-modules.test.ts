import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const SERVER = new URL('./server.ts', import.meta.url).href;
const LIST_LOADED = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  await import('${SERVER}');
  process.stdout.write(JSON.stringify(loaded));`;

test('a server on one machine loads nothing that speaks to PostgreSQL, Redis or an object store', () => {
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', LIST_LOADED], { encoding: 'utf8' });
  const loaded = JSON.parse(said) as string[];
  expect(loaded.filter((url) => /\/node_modules\/(?:pg|redis|@redis|@aws-sdk)\//u.test(url))).toEqual([]);
  expect(loaded).toContain(SERVER);
  expect(loaded.some((url) => url.includes('/node_modules/fastify/'))).toBe(true);
});
