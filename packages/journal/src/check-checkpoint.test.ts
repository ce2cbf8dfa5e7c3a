import {
  ROOT_NODE,
  type CheckpointBody,
  type DeviceId,
  type Hash,
  type SignedEntry,
  type UserId,
} from '@onefold/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkpointOf } from './check-checkpoint.ts';
import {
  annsWorld,
  attributes,
  content,
  create,
  createUser,
  createWorld,
  DESKTOP,
  deviceOf,
  hide,
  LAPTOP,
  nodeOf,
  place,
  revoke,
  type TestWorld,
} from './journal-fixture.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { parseEntry } from './parse-entry.ts';

const OTHER = 'ab'.repeat(32) as Hash;
let world: ReturnType<typeof annsWorld>;

beforeEach(() => {
  world = annsWorld();
  world.put(LAPTOP, [create('d', ROOT_NODE, 'folder'), create('f', nodeOf('d')), create('g')]);
  world.put(DESKTOP, [content('f'), attributes('f', 0), hide('g')]);
});

/** What an honest device would say now. */
function honest({ journal }: TestWorld = world): CheckpointBody {
  const root = journal.root();
  if (root === undefined) throw new Error('the tree is not known');
  return checkpointOf({
    head: journal.head(),
    epoch: journal.epoch(),
    members: [...journal.members.values()],
    lastEntries: journal.lastEntries(),
    root,
  });
}

function say(patch: Partial<CheckpointBody>, device = LAPTOP): SignedEntry {
  return world.make(device, 'checkpoint', { ...honest(), ...patch });
}

describe('a checkpoint stands', () => {
  it('when every word of it is so, and changes nothing', () => {
    const before = [world.journal.root(), [...world.journal.nodes.values()]];
    expect(world.journal.commit(say({}))).toMatchObject({ outcome: 'accepted' });
    expect([world.journal.root(), [...world.journal.nodes.values()]]).toEqual(before);
    expect(parseEntry(world.journal.entries.at(-1)!).type).toBe('checkpoint');
    expect(world.commit(DESKTOP, [content('f', 2)]).outcome).toBe('accepted');
    expect(world.journal.commit(say({}, DESKTOP)).outcome).toBe('accepted');
  });

  it('at the head alone', () => {
    const early = say({});
    world.put(DESKTOP, [content('f', 2)]);
    expect(world.journal.commit(early).outcome).toBe('behind');
  });
});

describe('a checkpoint that lies is refused', () => {
  const lies: readonly (readonly [string, () => Partial<CheckpointBody>])[] = [
    ['about its position', () => ({ seq: honest().seq - 1 })],
    ['about the history', () => ({ hash: OTHER })],
    ['about the epoch', () => ({ epoch: 1 })],
    ['about the tree', () => ({ nodesRoot: OTHER })],
    ['about the number of nodes', () => ({ nodes: 4 })],
    ['by leaving out a member', () => ({ members: [] })],
    ['by another role', () => ({ members: honest().members.map((one) => ({ ...one, role: 'editor' as const })) })],
    [
      'by another pin',
      () => ({ members: honest().members.map((one) => ({ ...one, pin: { ...one.pin, hash: OTHER } })) }),
    ],
    [
      'by a member there is not',
      () => ({
        members: [...honest().members, { ...honest().members[0]!, user: 'f'.repeat(32) as UserId }],
      }),
    ],
    ['by leaving out a device', () => ({ devices: honest().devices.slice(1) })],
    ['by a device there is not', () => ({ devices: [...honest().devices, ['f'.repeat(32) as DeviceId, 0, 0]] })],
    ['about a device’s number', () => ({ devices: honest().devices.map(([d, n, at]) => [d, n + 1, at]) })],
    [
      'about a device’s last position',
      () => ({ devices: honest().devices.map(([d, n, at]) => [d, n, Math.max(0, at - 1)]) }),
    ],
    ['about the order of devices', () => ({ devices: [...honest().devices].reverse() })],
  ];
  it.each(lies)('%s', (_, lie) => {
    const result = world.journal.commit(say(lie()));
    expect(result).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
    expect(world.journal.commit(say({})).outcome).toBe('accepted');
  });

  it('when it is of somebody who is no owner, no member, or removed', () => {
    const BENS_PC = deviceOf('bens-pc');
    const ben = createUser('ben', BENS_PC);
    const shared = createWorld([world.ann, ben]);
    const by = () => shared.journal.commit(shared.make(BENS_PC, 'checkpoint', honest(shared)));
    expect(by()).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    shared.journal.commit(shared.member(LAPTOP, ben, 'editor'));
    expect(by()).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    shared.journal.commit(shared.member(LAPTOP, ben, 'owner'));
    expect(by()).toMatchObject({ outcome: 'accepted' });
    shared.journal.commit(shared.member(LAPTOP, ben, 'removed'));
    expect(by()).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
  });

  it('when it is of a device that was revoked, or of another namespace', () => {
    revoke(world.ann, LAPTOP, DESKTOP);
    world.journal.commit(world.make(LAPTOP, 'pin', { pin: world.ann.pin() }));
    expect(world.journal.commit(say({}, DESKTOP))).toMatchObject({ outcome: 'invalid', code: 'device-revoked' });
    const foreign = world.make(LAPTOP, 'checkpoint', honest(), { namespaceId: 'cd'.repeat(32) as never });
    expect(world.journal.commit(foreign)).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
  });
});

describe('the root', () => {
  it('is the same whatever way led to the same nodes, and another after every change', () => {
    const seen = new Set<string>();
    const look = () => seen.add(world.journal.root()!.hash);
    look();
    const steps = [
      [create('h', nodeOf('d'))],
      [content('h', 1)],
      [attributes('h', 0)],
      [place('h', 1, ROOT_NODE, 'h')],
      [place('h', 2, ROOT_NODE, 'h', true)],
      [place('h', 3, ROOT_NODE, 'h')],
    ] as const;
    for (const changes of steps) {
      world.put(LAPTOP, [...changes]);
      look();
    }
    expect(seen.size).toBe(7);
    const other = createMemoryJournal({ chain: () => undefined, userOfDevice: () => undefined });
    other.adopt([...world.journal.rows.values()].reverse());
    expect(other.root()).toEqual(world.journal.root());
    other.adopt([...world.journal.rows.values()].slice(1));
    expect(other.root()!.hash).not.toBe(world.journal.root()!.hash);
  });
});

describe('a journal of which changesets are gone', () => {
  function replayed(rows = [...world.journal.rows.values()]) {
    const journal = createMemoryJournal({
      chain: () => world.ann.chain(),
      userOfDevice: (device) => (world.ann.chain().devices.has(device) ? world.ann.user : undefined),
    });
    const { entries } = world.journal;
    const checkpoint = entries.length - 1;
    entries.slice(0, checkpoint).forEach((raw, seq) => {
      if (seq === 0) return void journal.commit(raw);
      const { header, hash } = parseEntry(raw);
      journal.skip(hash, header);
    });
    journal.adopt(rows);
    return { journal, result: journal.commit(entries[checkpoint]!) };
  }

  it('goes on from the tree of a checkpoint as if it had been read whole', () => {
    world.journal.commit(say({}));
    const { journal, result } = replayed();
    expect(result.outcome).toBe('accepted');
    expect(journal.head()).toEqual(world.journal.head());
    const next = world.changeset(DESKTOP, [content('f', 2), place('g', 2, ROOT_NODE, 'g')]);
    expect(journal.commit(next).outcome).toBe('accepted');
    expect(world.journal.commit(next).outcome).toBe('accepted');
    expect(new Map(journal.nodes)).toEqual(new Map(world.journal.nodes));
    expect(journal.root()).toEqual(world.journal.root());
  });

  it('does not go on from another tree: one that lacks a node, has one more, one of before, or one under another name', () => {
    const old = [...world.journal.rows.values()];
    world.put(LAPTOP, [content('f', 2)]);
    world.journal.commit(say({}));
    const rows = [...world.journal.rows.values()];
    const more = { ...rows[0]!, node: nodeOf('more') };
    const swapped = rows.map((row, i) => (i === 0 ? { ...row, nameTag: rows[1]!.nameTag } : row));
    for (const false_ of [rows.slice(1), [...rows, more], old, swapped])
      expect(replayed(false_).result).toMatchObject({ outcome: 'invalid' });
    expect(replayed(rows).result.outcome).toBe('accepted');
  });
});
