import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const GUIDES = ['README.md', 'CONTRIBUTING.md', ...readdirSync(`${ROOT}docs`).map((name) => `docs/${name}`)];

/** Scripts that a text tells people to run and that are not there. */
function missingScripts(text: string, scripts: Readonly<Record<string, string>>): string[] {
  const named = [...text.matchAll(/\bnpm run ([\w:-]+)/gu)].map(([, name]) => name!);
  return named.filter((name) => scripts[name] === undefined);
}

test('what the guides say to run is there', () => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> };
  const texts = GUIDES.filter((name) => name.endsWith('.md')).map((name) => readFileSync(ROOT + name, 'utf8'));
  expect(texts.flatMap((text) => missingScripts(text, scripts))).toEqual([]);
  expect(missingScripts('run `npm run no-such-thing -- --now`', scripts)).toEqual(['no-such-thing']);
});
