/* What people make of a file whose newest version is lost, where several have it, several miss it, or nobody is asked. */
import { expect, test } from 'vitest';
import type { FolderMode } from '../core/one-way.ts';
import type { Engine } from '../sync/engine.ts';
import { MINUTE_MS, type Story } from './lost-story.ts';
import { tell } from './scenario.ts';
import { atBottom } from './scheduler.ts';
import { createSimEngineFor } from './sim-engine.ts';

const BESIDE = expect.stringMatching(/^f\/a \(conflict/u) as string;
const BOTH = [
  ['f', '/'],
  ['f/a', 20],
  [BESIDE, 12],
];

/**
 * `devices` that hold version 1 of `f/a`. Device 0 writes 12 over it and goes away; the server loses that, and the others have read the journal and know it.
 * `meanwhile` comes before the others hear of it.
 */
async function lostToOthers(devices: number, meanwhile: (s: Story) => Promise<void> = async () => undefined) {
  const engines = new Map<string, Engine>();
  const modes = new Map<string, FolderMode>();
  const makeEngine = createSimEngineFor(
    (name) => modes.get(name) ?? 'two-way',
    (name, engine) => void engines.set(name, engine),
  );
  const told = await tell(makeEngine, devices);
  const nameOf = (device: number): string => told.world.devices[device]!.identity.name;
  const s: Story = { ...told, engine: (device) => engines.get(nameOf(device))! };
  const others = s.world.devices.map(({ index }) => index).filter((index) => index > 0);
  await s.act(0, { act: 'mkdir', path: 'f' });
  await s.write(0, 'f/a', 1, 900);
  await s.settle();
  await s.step({ do: 'server', becomes: 'backed-up' });
  for (const device of others) await s.step({ do: 'cut', device });
  await s.write(0, 'f/a', 12, 700);
  await s.run(MINUTE_MS);
  await s.step({ do: 'stop', device: 0 });
  await s.step({ do: 'lose', path: 'f/a' });
  await meanwhile(s);
  for (const device of others) await s.step({ do: 'heal', device });
  await s.run(10 * MINUTE_MS);
  const drive = <T>(work: () => Promise<T>): Promise<T> =>
    atBottom(() => s.world.drive(work(), MINUTE_MS, 'what is asked'));
  const setMode = (device: number, mode: FolderMode) => modes.set(nameOf(device), mode);
  return { s, drive, setMode };
}

/** Device 0 comes back; what all show then. */
async function afterReturn(s: Story): Promise<unknown> {
  await s.step({ do: 'start', device: 0 });
  await s.settle();
  return Object.entries(s.shows(0));
}

function isIdle(s: Story, device: number): void {
  expect(s.engine(device).status()).toMatchObject({ state: 'idle', notYetSafe: 0, attention: [] });
}

test('who overlooked it too, and brings back what took its place, still says that it never had it', async () => {
  const { s } = await lostToOthers(3);
  for (let i = 0; i < 30; i++)
    await s.step({ do: 'net-fault', device: 2, fault: { kind: 'code', call: 'commit', code: 'server-error' } });
  await s.write(2, 'f/a', 22, 300);
  await s.run(20_000);
  await s.step({ do: 'cut', device: 2 });
  await s.write(1, 'f/a', 20, 500);
  await s.run(MINUTE_MS);
  await s.act(1, { act: 'remove', path: 'f/a' });
  await s.run(MINUTE_MS);
  s.world.devices[2]!.conditions.faults.length = 0;
  await s.step({ do: 'heal', device: 2 });
  await s.run(2 * MINUTE_MS);
  expect(s.shows(1)).toEqual({ f: '/', 'f/a': 22 });
  expect(await afterReturn(s)).toEqual([
    ['f', '/'],
    ['f/a', 22],
    [BESIDE, 12],
  ]);
});

test('so does who brings back with an edit what others have deleted, without a word about the lost one', async () => {
  const { s } = await lostToOthers(3);
  await s.step({ do: 'cut', device: 2 });
  await s.act(1, { act: 'remove', path: 'f/a' });
  await s.run(2 * MINUTE_MS);
  await s.step({ do: 'stop', device: 2 });
  await s.write(2, 'f/a', 22, 300);
  await s.step({ do: 'heal', device: 2 });
  await s.step({ do: 'start', device: 2 });
  await s.run(2 * MINUTE_MS);
  isIdle(s, 2);
  expect(await afterReturn(s)).toEqual([
    ['f', '/'],
    ['f/a', 22],
    [BESIDE, 12],
  ]);
});

test('so does a folder that only sends, and whose owner insists on it', async () => {
  const { s, drive, setMode } = await lostToOthers(2, async (story) => {
    await story.step({ do: 'stop', device: 1 });
  });
  setMode(1, 'send-only');
  await s.step({ do: 'start', device: 1 });
  await s.run(10 * MINUTE_MS);
  await drive(() => s.engine(1).settleOneWay());
  await s.run(2 * MINUTE_MS);
  isIdle(s, 1);
  await s.step({ do: 'start', device: 0 });
  await s.run(5 * MINUTE_MS);
  expect(Object.entries(s.shows(0))).toEqual([
    ['f', '/'],
    ['f/a', 1],
    [BESIDE, 12],
  ]);
});

test('a folder that only receives keeps what was made of it, and waits for nothing', async () => {
  const { s, setMode } = await lostToOthers(2);
  await s.step({ do: 'stop', device: 1 });
  setMode(1, 'receive-only');
  await s.step({ do: 'start', device: 1 });
  await s.write(1, 'f/a', 20, 500);
  await s.run(10 * MINUTE_MS);
  expect(s.engine(1).status()).toMatchObject({ state: 'idle', attention: [] });
  await s.step({ do: 'start', device: 0 });
  await s.run(5 * MINUTE_MS);
  expect([s.shows(0), s.shows(1)]).toEqual([
    { f: '/', 'f/a': 12 },
    { f: '/', 'f/a': 20 },
  ]);
});

test('an older version that is put back where none stands goes in its place', async () => {
  const { s, drive } = await lostToOthers(2, (story) => story.act(1, { act: 'remove', path: 'f/a' }));
  expect(s.shows(1)).toEqual({ f: '/' });
  expect(s.engine(1).status()).toMatchObject({ attention: [{ code: 'content-lost', path: 'f/a' }] });
  const [oldest] = await drive(() => s.engine(1).versions('f/a'));
  await drive(() => s.engine(1).restoreVersion('f/a', oldest!.id));
  await s.run(2 * MINUTE_MS);
  isIdle(s, 1);
  expect(await afterReturn(s)).toEqual([
    ['f', '/'],
    ['f/a', 1],
    [BESIDE, 12],
  ]);
});

test('a delete goes in its place also where it was made without the server, before a restart', async () => {
  const { s } = await lostToOthers(2);
  await s.step({ do: 'cut', device: 1 });
  await s.act(1, { act: 'remove', path: 'f/a' });
  await s.run(MINUTE_MS);
  await s.step({ do: 'stop', device: 1 });
  await s.step({ do: 'start', device: 1 });
  await s.run(MINUTE_MS);
  await s.step({ do: 'heal', device: 1 });
  await s.run(5 * MINUTE_MS);
  isIdle(s, 1);
  expect(s.world.truth.tree().has('f/a')).toBe(false);
  expect(await afterReturn(s)).toEqual([['f', '/']]);
});

test.each([
  ['with its folder, here', 1, 'f', {}],
  ['by itself, elsewhere', 2, 'f/a', { f: '/' }],
] as const)('nothing more is said of it once it was deleted %s', async (_how, device, path, left) => {
  const { s } = await lostToOthers(3);
  await s.act(device, { act: 'remove', path });
  await s.run(3 * MINUTE_MS);
  isIdle(s, 1);
  isIdle(s, 2);
  expect(s.shows(1)).toEqual(left);
  await s.step({ do: 'start', device: 0 });
  await s.settle();
  expect(s.shows(0)).toEqual(left);
});

test('moved by its holder out of a folder that was renamed here, it is where the holder has put it, with both contents', async () => {
  const { s } = await lostToOthers(2);
  await s.act(0, { act: 'rename', path: 'f/a', to: 'x' });
  await s.act(1, { act: 'rename', path: 'f', to: 'g' });
  await s.write(1, 'g/a', 20, 500);
  await s.run(2 * MINUTE_MS);
  isIdle(s, 1);
  expect(await afterReturn(s)).toEqual([
    ['g', '/'],
    ['x', 20],
    [expect.stringMatching(/^x \(conflict/u), 12],
  ]);
});

test('a version of the same number, which a server that was restored has come to hold, is no lost one', async () => {
  const { s, drive } = await lostToOthers(3);
  const goOn = (device: number) => drive(() => s.engine(device).confirm('stopped:server-restored'));
  await s.step({ do: 'cut', device: 1 });
  await s.step({ do: 'server', becomes: 'restored' });
  await s.run(MINUTE_MS);
  await goOn(2);
  await s.write(2, 'f/a', 32, 333);
  await s.run(MINUTE_MS);
  await s.write(1, 'f/a', 20, 500);
  await s.step({ do: 'heal', device: 1 });
  await s.run(MINUTE_MS);
  await goOn(1);
  await s.run(3 * MINUTE_MS);
  // The server's order wins the name, as ever.
  expect(Object.entries(s.shows(1))).toEqual([
    ['f', '/'],
    ['f/a', 32],
    [BESIDE, 20],
  ]);
});

test('who comes back after the journal was cut keeps the lost one beside, too', async () => {
  const { s } = await lostToOthers(2);
  await s.write(1, 'f/a', 20, 500);
  await s.run(MINUTE_MS);
  await s.step({ do: 'server', becomes: 'truncated' });
  await s.run(MINUTE_MS);
  expect(await afterReturn(s)).toEqual(BOTH);
  expect(s.world.server.outcomes.get('reset')).toBeGreaterThan(0);
});

test.each([
  [1, 'by who overlooks it'],
  [0, 'by who comes back with it'],
])('and whenever a device is killed (%d, %s), both are kept, once', async (device) => {
  for (let points = 0; points < 120; points += 12) {
    const { s } = await lostToOthers(2);
    const isPower = points % 24 === 0;
    const kill = async (): Promise<void> => {
      await s.step({ do: 'run', points });
      await s.step({ do: 'crash', device, power: isPower });
      await s.step({ do: 'start', device });
    };
    await s.write(1, 'f/a', 20, 500);
    if (device === 1) await kill();
    await s.run(MINUTE_MS);
    await s.step({ do: 'start', device: 0 });
    if (device === 0) await kill();
    await s.settle();
    expect(Object.entries(s.shows(0))).toEqual(BOTH);
  }
});
