import { LIMITS } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import { createSimEngine } from './sim-engine.ts';
import { tell, type Scenario } from './scenario.ts';
import type { DeviceShape, UserAct } from './steps.ts';

/** A story in which device 0 and 1 have met and hold what `begin` made. */
async function story(
  begin: (s: Scenario) => Promise<void>,
  devices = 2,
  shape: Partial<DeviceShape> = {},
): Promise<Scenario> {
  const scenario = await tell(createSimEngine, devices, shape);
  await begin(scenario);
  await scenario.settle();
  return scenario;
}

/** Contents by what they are called, conflict copies under `~name`. */
function kept(scenario: Scenario, device = 0): Record<string, unknown> {
  const named = Object.entries(scenario.shows(device)).map(([path, what]): [string, unknown] => [
    path.replace(/([^/]*) \(conflict, [^)]*\)/u, '~$1'),
    what,
  ]);
  return Object.fromEntries(named);
}

/** Whichever of two outcomes the server's order made. */
function expectOneOf(found: unknown, ...outcomes: readonly unknown[]): void {
  expect(outcomes).toContainEqual(found);
}

describe('one side changed', () => {
  test('files, folders, links, names, modes and times arrive on the other side', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' }, { act: 'symlink', path: 'f/l', to: '../nowhere' });
      await write(0, 'f/big', 1, 3_000);
      await write(0, 'f/empty', 2, 0);
      await write(0, 'n\udc80', 3);
      await act(0, { act: 'chmod', path: 'f/big', mode: 0o600 });
      await act(0, { act: 'touch', path: 'f/big', mtimeNs: '1600000000123456789' });
    });
    expect(s.shows(1)).toEqual({ f: '/', 'f/big': 1, 'f/empty': 2, 'f/l': '-> ../nowhere', 'n\udc80': 3 });
  });

  test('an edit, a rename and a delete arrive', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'a', 1, 2_000);
      await write(0, 'b', 2);
      await write(0, 'c', 3);
    });
    await s.act(1, { act: 'remove', path: 'c' }, { act: 'rename', path: 'b', to: 'B' });
    await s.write(1, 'a', 4, 2_000);
    await s.settle();
    expect(s.shows(0)).toEqual({ a: 4, B: 2 });
  });

  test('a renamed folder is one change, whatever is in it', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      for (let i = 0; i < 12; i++) await write(0, `f/${i}`, 10 + i);
    });
    const { seq } = s.world.server.head();
    const committed = s.world.server.journal.entries.length;
    await s.act(0, { act: 'rename', path: 'f', to: 'g' });
    await s.settle();
    expect(s.world.server.head().seq).toBe(seq + 1);
    expect(s.world.server.journal.entries.length).toBe(committed + 1);
    expect(Object.keys(s.shows(1)).length).toBe(13);
    expect(s.shows(1)['g/3']).toBe(13);
  });

  test('a folder that takes the place and the name of the one it was in is moved there, with what is in it', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'a' }, { act: 'mkdir', path: 'a/a' });
      await write(0, 'a/a/f', 1);
    });
    // Each step is seen, and nothing is sent before the last.
    await s.step({ do: 'pause', device: 0 });
    const steps: UserAct[] = [
      { act: 'rename', path: 'a/a', to: 't' },
      { act: 'remove', path: 'a' },
      { act: 'rename', path: 't', to: 'a' },
    ];
    for (const one of steps) {
      await s.act(0, one);
      await s.run(200_000);
    }
    await s.step({ do: 'resume', device: 0 });
    await s.settle();
    expect(s.shows(1)).toEqual({ a: '/', 'a/f': 1 });
  });

  test('two names swapped by way of a third are swapped there', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'a', 1);
      await write(0, 'b', 2);
    });
    await s.act(
      0,
      { act: 'rename', path: 'a', to: 'x' },
      { act: 'rename', path: 'b', to: 'a' },
      { act: 'rename', path: 'x', to: 'b' },
    );
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 2, b: 1 });
  });

  // Each step is seen, and nothing is sent before the last.
  test('folders whose names go round in a circle too long for one entry are all handed on, though the engine dies in the middle', async () => {
    const count = LIMITS.changesPerEntry + 20;
    const s = await story(async ({ act }) => {
      for (let i = 0; i < count; i++) await act(0, { act: 'mkdir', path: `${i}` });
      await act(0, { act: 'mkdir', path: '7/seven' });
    });
    const nodes = s.world.server.journal.nodes.size;
    const { seq } = s.world.server.head();
    await s.step({ do: 'pause', device: 0 });
    const renames = Array.from({ length: count - 1 }, (_, i) => [`${i + 1}`, `${i}`] as const);
    for (const [path, to] of [['0', 'x'] as const, ...renames, ['x', `${count - 1}`] as const]) {
      await s.act(0, { act: 'rename', path, to });
      await s.run(500);
    }
    await s.step({ do: 'resume', device: 0 });
    for (let i = 0; i < 1_000 && s.world.server.head().seq === seq; i++) await s.run(10);
    await s.step({ do: 'crash', device: 0, power: false });
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    const expected = Array.from({ length: count }, (_, i): [string, string] => [`${i}`, '/']);
    expect(s.shows(1)).toEqual({ '6/seven': '/', ...Object.fromEntries(expected) });
    expect(s.world.server.journal.nodes.size).toBe(nodes);
    expect(s.world.server.head().seq).toBeLessThan(seq + 10);
  });

  test('a file deleted and made anew at once is an edit of the same node', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    const nodes = s.world.server.journal.nodes.size;
    await s.act(0, { act: 'remove', path: 'a' });
    await s.run(200);
    await s.write(0, 'a', 2);
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 2 });
    expect(s.world.server.journal.nodes.size).toBe(nodes);
  });

  test.each(['rename-over', 'backup-removed', 'remove-create'] as const)(
    'an editor that saves by %s edits',
    async (style) => {
      const s = await story(async ({ write }) => write(0, 'a', 1));
      const nodes = s.world.server.journal.nodes.size;
      await s.act(0, { act: 'write', path: 'a', content: 2, size: 120, style });
      await s.settle();
      expect(Object.keys(s.shows(1))).toEqual(['a']);
      expect(s.world.server.journal.nodes.size).toBe(nodes);
    },
  );

  test('new bytes under the old size and mtime are seen', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.act(0, { act: 'quiet', path: 'a', content: 2 });
    await s.settle();
    expect(s.shows(1)).toEqual(s.shows(0));
    expect(s.shows(1)).not.toEqual({ a: 1 });
  });

  test('a mode or a time alone makes no version', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.act(
      1,
      { act: 'chmod', path: 'a', mode: 0o600 },
      { act: 'touch', path: 'a', mtimeNs: '1600000000000000000' },
    );
    await s.settle();
    const [node] = s.world.server.journal.nodes.values();
    expect(node).toMatchObject({ contentVersion: 1 });
    expect(s.world.devices[0]!.disk.find('a')!.inode.mode).toBe(0o600);
  });

  test('a time that a disk cannot hold is carried through it and not sent back', async () => {
    const s = await tell(createSimEngine, 3, [{}, { tickNs: 2e9, keptNs: 2e9 }, {}]);
    await s.write(0, 'a', 1);
    await s.act(0, { act: 'touch', path: 'a', mtimeNs: '1600000001234567000' });
    await s.settle();
    const mtimes = (): bigint[] => s.world.devices.map(({ disk }) => disk.find('a')!.inode.mtimeNs);
    expect(mtimes()).toEqual([1600000001234567000n, 1600000000000000000n, 1600000001234567000n]);
    const [node] = s.world.server.journal.nodes.values();
    const { attributesVersion } = node!;
    await s.act(1, { act: 'rename', path: 'a', to: 'b' });
    await s.settle();
    expect(s.shows(2)).toEqual({ b: 1 });
    expect(s.world.devices[2]!.disk.find('b')!.inode.mtimeNs).toBe(1600000001234567000n);
    expect([...s.world.server.journal.nodes.values()][0]).toMatchObject({ attributesVersion, contentVersion: 1 });
  });
});

describe('both sides changed', () => {
  test('equally: they agree and nothing is doubled', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.write(0, 'a', 2),
      () => s.write(1, 'a', 2),
      () => s.write(0, 'new', 3),
      () => s.write(1, 'new', 3),
    );
    expect(s.shows()).toEqual({ a: 2, new: 3 });
  });

  test('differently: one keeps the name, the other is kept beside it', async () => {
    const s = await story(async ({ write }) => write(0, 'a.txt', 1));
    await s.apart(
      () => s.write(0, 'a.txt', 2),
      () => s.write(1, 'a.txt', 3),
    );
    expectOneOf(kept(s), { 'a.txt': 2, '~a.txt': 3 }, { 'a.txt': 3, '~a.txt': 2 });
  });

  test('three edits of one file are three files', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1), 3);
    await s.apart(...[0, 1, 2].map((device) => () => s.write(device, 'a', 2 + device)));
    expect(Object.values(s.shows()).sort()).toEqual([2, 3, 4]);
  });

  test('an edit wins over a delete', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'a', 1);
      await write(0, 'b', 2);
    });
    await s.apart(
      () => s.write(0, 'a', 3),
      () => s.act(1, { act: 'remove', path: 'a' }),
      () => s.act(0, { act: 'remove', path: 'b' }),
      () => s.write(1, 'b', 4),
    );
    expect(s.shows()).toEqual({ a: 3, b: 4 });
  });

  test('an edit below a deleted folder brings the folder back, and only what was edited', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' }, { act: 'mkdir', path: 'f/g' });
      await write(0, 'f/g/a', 1);
      await write(0, 'f/b', 2);
    });
    await s.apart(
      () => s.write(0, 'f/g/a', 3),
      () => s.act(1, { act: 'remove', path: 'f' }),
    );
    expect(s.shows()).toEqual({ f: '/', 'f/g': '/', 'f/g/a': 3 });
  });

  test('a new file in a deleted folder brings the folder back', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'f/b', 2);
    });
    await s.apart(
      () => s.write(0, 'f/new', 3),
      () => s.act(1, { act: 'remove', path: 'f' }),
    );
    expect(s.shows()).toEqual({ f: '/', 'f/new': 3 });
  });

  test('a move wins over a delete', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'a', 1);
      await write(0, 'b', 2);
    });
    await s.apart(
      () => s.act(0, { act: 'rename', path: 'a', to: 'c' }),
      () => s.act(1, { act: 'remove', path: 'a' }),
      () => s.act(0, { act: 'remove', path: 'b' }),
      () => s.act(1, { act: 'rename', path: 'b', to: 'd' }),
    );
    expect(s.shows()).toEqual({ c: 1, d: 2 });
  });

  test('deleted on both sides stays deleted', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'f/a', 1);
    });
    await s.apart(
      () => s.act(0, { act: 'remove', path: 'f' }),
      () => s.act(1, { act: 'remove', path: 'f' }),
    );
    expect(s.shows()).toEqual({});
  });

  test('two moves of one file: one of the names wins, edits included', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.act(0, { act: 'rename', path: 'a', to: 'b' }),
      async () => {
        await s.act(1, { act: 'rename', path: 'a', to: 'c' });
        await s.write(1, 'c', 2);
      },
    );
    expectOneOf(s.shows(), { b: 2 }, { c: 2 });
  });

  test('a rename beside an edit is no conflict', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.act(0, { act: 'rename', path: 'a', to: 'b' }),
      () => s.write(1, 'a', 2),
    );
    expect(s.shows()).toEqual({ b: 2 });
  });

  test('a renamed folder beside work in it is no conflict', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'f/a', 1);
    });
    await s.apart(
      () => s.act(0, { act: 'rename', path: 'f', to: 'g' }),
      async () => {
        await s.write(1, 'f/a', 2);
        await s.write(1, 'f/new', 3);
      },
    );
    expect(s.shows()).toEqual({ g: '/', 'g/a': 2, 'g/new': 3 });
  });

  test('files of one name made on both sides are both kept', async () => {
    const s = await story(async () => undefined);
    await s.apart(
      () => s.write(0, 'a', 1),
      () => s.write(1, 'a', 2),
    );
    expectOneOf(kept(s), { a: 1, '~a': 2 }, { a: 2, '~a': 1 });
  });

  test('folders of one name made on both sides become one', async () => {
    const s = await story(async () => undefined);
    await s.apart(
      async () => {
        await s.act(0, { act: 'mkdir', path: 'f' });
        await s.write(0, 'f/a', 1);
      },
      async () => {
        await s.act(1, { act: 'mkdir', path: 'f' });
        await s.write(1, 'f/b', 2);
      },
    );
    expect(s.shows()).toEqual({ f: '/', 'f/a': 1, 'f/b': 2 });
  });

  test('a file and a folder of one name are both kept', async () => {
    const s = await story(async () => undefined);
    await s.apart(
      () => s.write(0, 'x', 1),
      async () => {
        await s.act(1, { act: 'mkdir', path: 'x' });
        await s.write(1, 'x/a', 2);
      },
    );
    expectOneOf(kept(s), { x: 1, '~x': '/', '~x/a': 2 }, { '~x': 1, x: '/', 'x/a': 2 });
  });

  test('a file made a folder beside its edit loses neither', async () => {
    const s = await story(async ({ write }) => write(0, 'x', 1));
    await s.apart(
      async () => {
        await s.act(0, { act: 'remove', path: 'x' }, { act: 'mkdir', path: 'x' });
        await s.write(0, 'x/a', 2);
      },
      () => s.write(1, 'x', 3),
    );
    expect(new Set(Object.values(s.shows()))).toEqual(new Set([2, 3, '/']));
  });

  test('two folders moved into each other end as one tree with everything in it', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'x' }, { act: 'mkdir', path: 'y' });
      await write(0, 'x/a', 1);
      await write(0, 'y/b', 2);
    });
    await s.apart(
      () => s.act(0, { act: 'rename', path: 'x', to: 'y/x' }),
      () => s.act(1, { act: 'rename', path: 'y', to: 'x/y' }),
    );
    expectOneOf(s.shows(), { x: '/', 'x/a': 1, 'x/y': '/', 'x/y/b': 2 }, { y: '/', 'y/b': 2, 'y/x': '/', 'y/x/a': 1 });
  });

  test('a mode changed beside an edit is no conflict', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.act(0, { act: 'chmod', path: 'a', mode: 0o600 }),
      () => s.write(1, 'a', 2),
    );
    expect(s.shows()).toEqual({ a: 2 });
  });

  test('case twins are two files', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.write(0, 'é', 2),
      () => s.write(1, 'A', 3),
      () => s.write(1, 'e\u0301', 4),
    );
    expect(s.shows()).toEqual({ a: 1, A: 3, é: 2, 'e\u0301': 4 });
  });
});

describe('what could not be seen was not deleted', () => {
  test.each(['stat', 'list', 'read'] as const)('where %s fails', async (aspect) => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'f/a', 1);
      await write(0, 'b', 2);
    });
    const before = s.world.server.head().seq;
    for (const path of ['f', 'b']) await s.step({ do: 'break', device: 0, path, aspect, code: 'access-denied' });
    await s.step({ do: 'scan', device: 0 });
    await s.run(60_000);
    expect(s.world.server.head().seq).toBe(before);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, b: 2 });
    await s.settle();
  });

  test.each(['missing', 'replaced'] as const)('where the root is %s', async (becomes) => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.step({ do: 'root', device: 0, becomes });
    await s.step({ do: 'scan', device: 0 });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ a: 1 });
    expect(s.world.devices[0]!.store.allAttention()).not.toEqual([]);
    await s.settle();
    expect(s.shows(0)).toEqual({ a: 1 });
  });

  test('where a disk mounted inside is not mounted', async () => {
    const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
    await s.step({ do: 'mount', device: 0, path: 'm' });
    const volume = s.world.devices[0]!.disk.find('m')!.volume;
    await s.write(0, 'm/a', 1);
    await s.settle();
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1 });
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.step({ do: 'scan', device: 0 });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1 });
    s.world.devices[0]!.disk.mount('m', volume);
    await s.settle();
    expect(s.shows(0)).toEqual({ m: '/', 'm/a': 1 });
  });

  test('where the state is older than the journal', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.step({ do: 'back-up', device: 0 });
    await s.write(0, 'b', 2);
    await s.write(0, 'a', 3);
    await s.settle();
    await s.step({ do: 'restore', device: 0 });
    await s.settle();
    expect(s.shows()).toEqual({ a: 3, b: 2 });
  });
});

test('more changes than one entry holds go into several, however they are mixed', async () => {
  const s = await story(async ({ write }) => {
    for (let i = 0; i < 45; i++) await write(0, `old ${i}`, 1 + i);
  });
  await s.apart(async () => {
    // An edit is a change of content and one of attributes; a new file is one change.
    for (let i = 0; i < 45; i++) await s.write(0, `old ${i}`, 600 + i);
    for (let i = 0; i < 940; i++) await s.write(0, `new ${i}`, 2_000 + i, 10);
  });
  expect(Object.keys(s.shows(1)).length).toBe(985);
  expect(s.shows(1)['old 44']).toBe(644);
});

test('nothing is fetched that is already here', async () => {
  const s = await story(async ({ write }) => write(0, 'a', 1, 3_000));
  const fetched = () => s.world.coverage.times('call', 'readBlocks');
  const before = fetched();
  await s.act(0, { act: 'copy', path: 'a', to: 'copy' }, { act: 'rename', path: 'a', to: 'moved' });
  await s.settle();
  expect(s.shows(1)).toEqual({ copy: 1, moved: 1 });
  expect(fetched()).toBe(before);
});
