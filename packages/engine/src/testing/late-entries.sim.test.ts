/* A copy of an entry that the server takes after this device was told that it does not, and has forgotten it. */
import { expect, test } from 'vitest';
import { refusingStory, speaksOf, type RefusingStory } from './refusing-story.ts';
import type { Scenario } from './scenario.ts';

/** The first device says what `say` does of a file, is refused, and what `undo` does is done before a copy of that entry is taken. */
async function takenLate(
  path: string,
  say: (s: Scenario) => Promise<void>,
  undo: (s: Scenario) => Promise<void>,
): Promise<RefusingStory> {
  const told = await refusingStory(async ({ write }) => {
    await write(0, 'kept', 1);
    await write(0, 'other', 2);
  });
  const { s, server } = told;
  const isIt = speaksOf(s, path);
  server.refuses = (request) => (isIt(request) ? 'forbidden' : null);
  await say(s);
  while (server.refused.length === 0) await s.run(100);
  await s.run(100);
  server.isAway = true;
  await undo(s);
  await s.run(10_000);
  await told.takeLate(server.refused[0]!);
  server.refuses = null;
  server.isAway = false;
  await s.run(120_000);
  return told;
}

async function agree({ s }: RefusingStory, expected: Readonly<Record<string, number>>): Promise<void> {
  for (const device of [0, 1]) expect(s.shows(device)).toEqual(expected);
  await s.settle();
  for (const device of [0, 1]) expect(s.shows(device)).toEqual(expected);
}

const remove = (path: string) => async (s: Scenario) => s.act(0, { act: 'remove', path });

test('a file that was made and deleted meanwhile stays deleted', async () => {
  await agree(await takenLate('made', async (s) => s.write(0, 'made', 3), remove('made')), { kept: 1, other: 2 });
});

test('a file that was edited and deleted meanwhile stays deleted', async () => {
  await agree(await takenLate('kept', async (s) => s.write(0, 'kept', 3), remove('kept')), { other: 2 });
});

/** Deleted elsewhere while it changes here, so that what is said brings it back. */
function broughtBack(change: (s: Scenario) => Promise<void>): (s: Scenario) => Promise<void> {
  return async (s) => {
    await s.step({ do: 'cut', device: 0 });
    await s.act(1, { act: 'remove', path: 'kept' });
    await change(s);
    await s.run(20_000);
    await s.step({ do: 'heal', device: 0 });
  };
}

test('a file that was deleted elsewhere, edited here, and deleted here meanwhile stays deleted', async () => {
  const say = broughtBack(async (s) => s.write(0, 'kept', 3));
  await agree(await takenLate('kept', say, remove('kept')), { other: 2 });
});

test('a file that was deleted elsewhere, moved here, and deleted here meanwhile stays deleted', async () => {
  const say = broughtBack(async (s) => s.act(0, { act: 'rename', path: 'kept', to: 'moved' }));
  await agree(await takenLate('moved', say, remove('moved')), { other: 2 });
});

test('a file that was edited once more meanwhile is what it is by now', async () => {
  const told = await takenLate(
    'kept',
    async (s) => s.write(0, 'kept', 3),
    async (s) => s.write(0, 'kept', 4),
  );
  await agree(told, { kept: 4, other: 2 });
});
