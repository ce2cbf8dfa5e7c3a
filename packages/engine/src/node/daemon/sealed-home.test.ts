import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDaemonCore } from './daemon-core.ts';
import { openHomeEngine, type HomeKey } from './home-engine.ts';
import { startTestGround, TEST_PASSWORD, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 90_000;
const KEY: HomeKey = {
  key: new Uint8Array(32).fill(3),
  sealed: Buffer.from('what the key store gives'),
  isWanted: true,
};
let ground: TestGround;

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);
afterEach(() => ground.close(), PATIENCE_MS);

/** How the secrets of a home begin, each file once. */
function beginnings(home: string): string[] {
  const files = ['device.key', ...readdirSync(path.join(home, 'namespaces')).map((name) => `namespaces/${name}`)];
  return files.map((name) => readFileSync(path.join(home, name)).subarray(0, 4).toString('latin1'));
}

async function opened(home: string, key?: HomeKey): Promise<string> {
  const engine = await openHomeEngine({ home, ...(key === undefined ? {} : { key }) });
  const { kind } = engine.setup();
  await engine.close();
  return kind;
}

test('a home is sealed and unsealed, and opens with its key alone in between', { timeout: PATIENCE_MS }, async () => {
  const home = await ground.home('Laptop');
  expect(await opened(home, KEY)).toBe('done');
  expect(beginnings(home)).toEqual(['OFH1', 'OFH1']);
  expect(readFileSync(path.join(home, 'key.sealed'), 'utf8')).toBe('what the key store gives');
  expect(await opened(home)).toBe('locked');
  expect(await opened(home, { ...KEY, key: new Uint8Array(32) })).toBe('locked');
  await expect(createDaemonCore({ home })).rejects.toMatchObject({ code: 'home-locked' });
  expect(await opened(home, KEY)).toBe('done');
  expect(await opened(home, { ...KEY, isWanted: false })).toBe('done');
  expect(beginnings(home).includes('OFH1')).toBe(false);
  expect(readdirSync(home)).not.toContain('key.sealed');
  expect(await opened(home)).toBe('done');
});

test(
  'cut short in the middle of sealing or unsealing, whoever has the key goes on from there',
  { timeout: PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    const plain = readFileSync(path.join(home, 'device.key'));
    await opened(home, KEY);
    // One file of the two is sealed.
    writeFileSync(path.join(home, 'device.key'), plain);
    expect(await opened(home, KEY)).toBe('done');
    expect(beginnings(home)).toEqual(['OFH1', 'OFH1']);
    writeFileSync(path.join(home, 'device.key'), plain);
    expect(await opened(home, { ...KEY, isWanted: false })).toBe('done');
    expect(beginnings(home).includes('OFH1')).toBe(false);
    expect(await opened(home)).toBe('done');
  },
);

test(
  'a key that the system has lost locks nobody out for good: signed out and in anew, the home opens again',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    await opened(home, KEY);
    const engine = await openHomeEngine({ home });
    expect(engine.setup().kind).toBe('locked');
    await engine.signOut();
    expect(engine.setup().kind).toBe('none');
    expect(readdirSync(home)).not.toContain('key.sealed');
    await engine.steps.signIn({ kit: ground.kit(), password: TEST_PASSWORD, deviceName: 'Laptop' });
    expect(engine.setup().kind).toBe('done');
    await engine.close();
    rmSync(path.join(home, 'key.sealed'), { force: true });
    expect(await opened(home)).toBe('done');
  },
);

test(
  'what is set up in a home that has a key is sealed before the engine runs',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    await ground.home('Laptop');
    const home = path.join(ground.scratch, 'fresh');
    const engine = await openHomeEngine({ home, key: KEY });
    expect(readdirSync(home)).not.toContain('key.sealed');
    await engine.steps.signIn({ kit: ground.kit(), password: TEST_PASSWORD, deviceName: 'Fresh' });
    expect(beginnings(home).every((letters) => letters === 'OFH1')).toBe(true);
    await engine.close();
    expect([await opened(home), await opened(home, KEY)]).toEqual(['locked', 'done']);
  },
);
