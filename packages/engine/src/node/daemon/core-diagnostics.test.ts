import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaveOut } from './core-diagnostics.ts';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

describe('what is left out', () => {
  test('a word that tells stands nowhere, also where it was written as JSON or inside another text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), fc.string(), fc.string(), (word, before, after) => {
        fc.pre(!'(left out)'.includes(word) && !word.includes('('));
        expect(leaveOut(word, [word])).toBe('(left out)');
        const left = leaveOut(`${before}\n${JSON.stringify({ message: `no ${word} here` })}\n${after}`, [word]);
        expect(left).not.toContain(`no ${word} here`);
        expect(left).not.toContain(`no ${JSON.stringify(word).slice(1, -1)} here`);
      }),
    );
  });

  test('paths, mail addresses, web addresses and keys go, whosever they are', () => {
    const key = '0123456789abcdef'.repeat(4);
    const text = `/home/bob/secret/a.txt C:\\Users\\bob\\b.txt bob@example.org https://files.example.org/x ${key}`;
    const left = leaveOut(text, []);
    for (const told of ['bob', 'secret', 'example', 'Users', key.slice(0, 32)]) expect(left).not.toContain(told);
  });

  test('what says how things stand stays', () => {
    const text = '{"state":"idle","pending":0,"node":"v24.21.0","ratio":"1/2"}';
    expect(leaveOut(text, ['Laptop'])).toBe(text);
  });
});

describe('of a daemon', () => {
  let ground: TestGround;
  let core: DaemonCore;
  let folder: string;

  beforeAll(async () => {
    ground = await startTestGround();
    folder = path.join(ground.scratch, 'Unfinished novel');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'chapter about Mina.txt'), 'text');
    core = await createDaemonCore({ home: await ground.home('Studio of Mina') });
    await core.add(folder, null);
    expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  }, 2 * PATIENCE_MS);

  afterAll(async () => {
    await core.close();
    await ground.close();
  }, PATIENCE_MS);

  test('it tells versions, state, folders by number, settings and checks', async () => {
    const { fileName, text } = await core.calls.diagnostics();
    expect(fileName).toMatch(/^onefold-diagnostics-\d{4}(-\d\d){4}\.txt$/u);
    const parts = JSON.parse(text.slice(0, text.indexOf('\n}\n') + 2)) as Record<string, unknown>;
    expect(parts).toMatchObject({
      system: { platform: process.platform, node: process.version },
      status: { state: 'idle', server: { connected: true } },
      folders: [{ folder: 'folder 1', files: 1, isPaused: false, problem: null }],
    });
    expect(parts['checks']).not.toEqual([]);
  });

  test('neither it nor the log in it names a file, a folder, a device, the server or the account, also when that fails', async () => {
    await ground.killServer();
    writeFileSync(path.join(folder, 'second about Mina.txt'), 'text');
    await core.syncWait(2_000, () => false);
    const { text } = await core.calls.diagnostics();
    for (const word of ['Mina', 'novel', ground.scratch, ground.url, '127.0.0.1', 'ada@example.org', ground.kit()])
      expect(text.includes(word), word).toBe(false);
  });
});
