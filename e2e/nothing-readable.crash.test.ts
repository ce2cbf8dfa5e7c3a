import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees } from './harness/compare-trees.ts';
import { contentWindows, searchLeaks, type Secret } from './harness/leak-search.ts';
import { startRecordingProxy, type RecordingProxy } from './harness/recording-proxy.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

/** Names of twelve characters or more, and contents that compress, that do not, and that are of many blocks. */
function plant(folder: string): Secret[] {
  const secrets: Secret[] = [];
  const names = [
    'quarterly-forecast-confidential',
    'Überweisungsbeleg-Steuerberater',
    '비밀스러운사업계획서초안본',
    'whistleblower notes (draft)',
  ];
  for (const [i, name] of names.entries()) {
    secrets.push({ name: `name ${i}`, bytes: Buffer.from(name) });
    mkdirSync(join(folder, name), { recursive: true });
    const text = Buffer.from(
      Array.from({ length: 400 }, (_, line) => `${name} line ${line} ${randomBytes(9).toString('base64')}\n`).join(''),
    );
    writeFileSync(join(folder, name, `${name}.txt`), text);
    secrets.push(...contentWindows(`text ${i}`, text, 997));
    const noise = randomBytes(200_000);
    writeFileSync(join(folder, name, `noise-${name}.bin`), noise);
    secrets.push(...contentWindows(`noise ${i}`, noise, 9_973));
  }
  const large = randomBytes(7_000_000);
  writeFileSync(join(folder, 'several-blocks-in-one-file.bin'), large);
  secrets.push({ name: 'large name', bytes: Buffer.from('several-blocks-in-one-file') });
  secrets.push(...contentWindows('large', large, 250_000));
  return secrets;
}

describe('nothing readable', () => {
  let world: World;
  let proxies: RecordingProxy[];
  let laptop: Device;
  let desktop: Device;
  let wire: string;
  const serverLines: string[] = [];

  beforeAll(async () => {
    world = await createWorld((line) => serverLines.push(line));
    await world.startServer();
    wire = join(world.folder, 'wire');
    mkdirSync(wire);
    const port = Number(new URL(world.serverUrl).port);
    proxies = [
      await startRecordingProxy(port, join(wire, 'laptop-up'), join(wire, 'laptop-down')),
      await startRecordingProxy(port, join(wire, 'desktop-up'), join(wire, 'desktop-down')),
    ];
    laptop = await world.addDevice('laptop', proxies[0]?.url);
    desktop = await world.addDevice('desktop', proxies[1]?.url);
    await laptop.start();
    await desktop.start();
  });

  afterAll(async () => {
    await world.close();
    for (const proxy of proxies) await proxy.close();
  });

  it('is in the data folder of the server, in its logs or on the wire', async () => {
    const secrets = plant(laptop.folder);
    await settle([laptop, desktop]);
    renameSync(
      join(desktop.folder, 'several-blocks-in-one-file.bin'),
      join(desktop.folder, 'renamed-to-something-else.bin'),
    );
    secrets.push({ name: 'new name', bytes: Buffer.from('renamed-to-something-else') });
    secrets.push({ name: 'folder path', bytes: Buffer.from(laptop.folder) });
    await settle([desktop, laptop]);
    expect(await compareTrees(laptop.folder, desktop.folder)).toEqual([]);
    await laptop.stop();
    await desktop.stop();
    for (const proxy of proxies) await proxy.close();
    writeFileSync(join(wire, 'server-log'), serverLines.join('\n'));

    expect(readdirSync(wire)).toHaveLength(5);
    expect(searchLeaks([world.serverData, wire], secrets)).toEqual([]);
  });

  it('and the same search finds a leak planted on purpose, in every form', () => {
    const secret: Secret = { name: 'planted', bytes: randomBytes(48) };
    const leaks = join(world.folder, 'leaks');
    mkdirSync(leaks);
    const context = randomBytes(1000);
    const wide = Buffer.from(secret.bytes.toString('latin1'), 'utf16le');
    const forms: Record<string, Buffer> = {
      raw: secret.bytes,
      hex: Buffer.from(secret.bytes.toString('hex')),
      upper: Buffer.from(secret.bytes.toString('hex').toUpperCase()),
      base64: Buffer.from(Buffer.concat([Buffer.from('xy'), secret.bytes, Buffer.from('z')]).toString('base64')),
      base64url: Buffer.from(Buffer.concat([Buffer.from('x'), secret.bytes]).toString('base64url')),
      utf16le: wide,
      utf16be: Buffer.from(wide).swap16(),
    };
    for (const [form, bytes] of Object.entries(forms)) {
      writeFileSync(join(leaks, form), Buffer.concat([context, bytes, context]));
    }
    const found = searchLeaks([leaks], [secret]);
    for (const form of Object.keys(forms))
      expect(
        found.some((leak) => leak.endsWith(`/${form}`)),
        form,
      ).toBe(true);
  });
});
