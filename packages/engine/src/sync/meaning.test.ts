import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_REACTIONS } from '@onefold/protocol';
import { DISK_CODES, meaningOf } from './meaning.ts';

const TABLE = new URL('../../../../docs/OPERATIONS.md', import.meta.url);

test('the table of what a disk can answer says what the engine says, and what it does', () => {
  const text = readFileSync(TABLE, 'utf8');
  for (const code of DISK_CODES) {
    const row = text.split('\n').find((line) => line.startsWith('|') && line.includes(`| \`${code}\` |`));
    expect(row, code).toContain(`| ${ERROR_REACTIONS[code]} |`);
    expect(row, code).toContain(`| ${meaningOf(code)} |`);
  }
});
