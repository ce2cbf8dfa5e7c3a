import { LIMITS, ROOT_NODE, type Hash, type NamespaceId } from '@onefold/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { check } from './check.ts';
import {
  annsWorld,
  content,
  create,
  createUser,
  createWorld,
  DESKTOP,
  deviceOf,
  LAPTOP,
  logIn,
  makeGenesis,
  PHONE,
  revoke,
  rotate,
  secretFor,
  seedOf,
} from './journal-fixture.ts';
import { needs } from './needs.ts';
import { parseEntry } from './parse-entry.ts';
import { createViewCache } from './view-cache.ts';

let world: ReturnType<typeof annsWorld>;
beforeEach(() => {
  world = annsWorld();
  world.put(LAPTOP, [create('f')]);
});

const OTHER_HASH = 'ab'.repeat(32) as Hash;
const BENS_PC = deviceOf('bens-pc');

describe('who may write', () => {
  it('is a device of a member, known at the pinned position', () => {
    expect(world.commit(DESKTOP, [content('f')]).outcome).toBe('accepted');
    expect(world.commit(PHONE, [content('f', 2)])).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
  });

  it('is not a device added behind the pin, until it pins itself', () => {
    logIn(world.ann, PHONE);
    expect(world.commit(PHONE, [content('f')])).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    expect(world.journal.commit(world.make(PHONE, 'pin', { pin: world.ann.pin() })).outcome).toBe('accepted');
    expect(world.journal.members.get(world.ann.user)?.pin).toEqual(world.ann.pin());
    expect(world.commit(PHONE, [content('f')]).outcome).toBe('accepted');
  });

  it('is not a revoked device, from the pin on that says so', () => {
    revoke(world.ann, LAPTOP, DESKTOP);
    expect(world.commit(DESKTOP, [content('f')]).outcome).toBe('accepted');
    expect(world.journal.commit(world.make(LAPTOP, 'pin', { pin: world.ann.pin() })).outcome).toBe('accepted');
    expect(world.commit(DESKTOP, [content('f', 2)])).toMatchObject({ outcome: 'invalid', code: 'device-revoked' });
  });

  it('is nobody else, whatever they sign', () => {
    const ben = createUser('ben', BENS_PC);
    const both = createWorld([world.ann, ben]);
    expect(both.commit(BENS_PC, [create('f')])).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
  });

  it('follows the role: readers pin, editors write, owners decide on members', () => {
    const ben = createUser('ben', BENS_PC);
    const ways = createWorld([world.ann, ben]);
    ways.journal.commit(ways.member(LAPTOP, ben, 'reader'));
    expect(ways.commit(BENS_PC, [create('f')])).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    logIn(ben, PHONE);
    expect(ways.journal.commit(ways.make(BENS_PC, 'pin', { pin: ben.pin() })).outcome).toBe('accepted');
    expect(ways.journal.commit(ways.member(LAPTOP, ben, 'editor')).outcome).toBe('accepted');
    expect(ways.commit(BENS_PC, [create('f')]).outcome).toBe('accepted');
    expect(ways.journal.commit(ways.member(BENS_PC, ben, 'owner'))).toMatchObject({
      outcome: 'invalid',
      code: 'forbidden',
    });
    expect(ways.journal.commit(ways.member(LAPTOP, ben, 'removed')).outcome).toBe('accepted');
    expect(ways.commit(BENS_PC, [create('g')])).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
  });

  it('must sign: a signature of another key or over other bytes is none', () => {
    const forged = world.changeset({ device: DESKTOP.device, seed: LAPTOP.seed }, [content('f')]);
    expect(world.journal.commit(forged)).toMatchObject({ outcome: 'invalid', code: 'signature-invalid' });
    const entry = world.changeset(DESKTOP, [content('f')]);
    const other = world.changeset(DESKTOP, [content('f', 1, 'another')]);
    const spliced = { ...entry, header: other.header, body: other.body };
    expect(world.journal.commit(spliced)).toMatchObject({ outcome: 'invalid', code: 'signature-invalid' });
  });

  it('is judged by the pinned prefix of the very chain that was pinned', () => {
    const twin = createUser('ann', LAPTOP);
    logIn(twin, PHONE);
    const entry = parseEntry(world.changeset(LAPTOP, [content('f')]));
    const view = world.journal.view(entry);
    const { user, n } = world.ann.pin();
    view.put({ kind: 'chain', user, n }, twin.chain());
    expect(check(entry, view)).toMatchObject({ outcome: 'invalid', code: 'chain-invalid' });
  });

  it('writes into the namespace the header names', () => {
    const namespaceId = OTHER_HASH as string as NamespaceId;
    expect(world.commit(LAPTOP, [content('f')], { namespaceId })).toMatchObject({
      outcome: 'invalid',
      code: 'journal-invalid',
    });
  });
});

describe('where an entry may stand', () => {
  it('needs a device number that was not used', () => {
    expect(world.commit(LAPTOP, [content('f')], { deviceSeq: 1 })).toMatchObject({
      outcome: 'invalid',
      code: 'device-cloned',
    });
    expect(world.commit(LAPTOP, [content('f')], { deviceSeq: 50 }).outcome).toBe('accepted');
    expect(world.commit(LAPTOP, [content('f', 2)], { deviceSeq: 50 })).toMatchObject({ code: 'device-cloned' });
  });

  it('needs a base whose hash is the one that stands there', () => {
    expect(world.commit(LAPTOP, [content('f')], { baseHash: OTHER_HASH })).toMatchObject({
      outcome: 'invalid',
      code: 'journal-fork',
    });
    expect(world.commit(LAPTOP, [content('f')], { baseSeq: 2 })).toMatchObject({
      outcome: 'invalid',
      code: 'journal-fork',
    });
  });

  it('needs a base at or after what the device itself committed last', () => {
    const [hash] = world.journal.hashes;
    if (hash === undefined) throw new Error('no genesis');
    const old = { baseSeq: 0, baseHash: hash };
    expect(world.commit(LAPTOP, [content('f')], old)).toEqual({ outcome: 'behind' });
    expect(world.commit(DESKTOP, [content('f')], old).outcome).toBe('accepted');
  });

  it('needs a base within reach of the head', () => {
    const { seq, hash } = world.journal.head();
    const at = { baseSeq: seq, baseHash: hash };
    for (let i = 0; i < LIMITS.baseAgeEntries; i++) world.put(LAPTOP, [create(`x${i}`)]);
    const entry = parseEntry(world.changeset(DESKTOP, [content('f')], at));
    expect(check(entry, world.journal.view(entry)).outcome).toBe('accepted');
    world.put(LAPTOP, [create('one more')]);
    expect(world.commit(DESKTOP, [content('f')], at)).toEqual({ outcome: 'behind' });
  });

  it('needs the epoch in force', () => {
    expect(world.commit(LAPTOP, [content('f')], { epoch: 1 })).toMatchObject({
      outcome: 'invalid',
      code: 'journal-invalid',
    });
    const body = { epoch: 1, commitment: seedOf('c'), previous: new Uint8Array(80), secrets: [secretFor(world.ann)] };
    expect(world.journal.commit(world.make(LAPTOP, 'epoch', body)).outcome).toBe('accepted');
    expect(world.journal.epoch()).toBe(1);
    expect(world.commit(LAPTOP, [content('f')], { epoch: 0 })).toEqual({ outcome: 'behind' });
    expect(world.commit(LAPTOP, [content('f')]).outcome).toBe('accepted');
  });

  it('is the head for everything but changesets', () => {
    logIn(world.ann, PHONE);
    const { seq, hash } = world.journal.head();
    const stale = { baseSeq: seq, baseHash: hash };
    world.put(DESKTOP, [content('f')]);
    const ben = createUser('ben', BENS_PC);
    const epoch = { epoch: 1, commitment: seedOf('c'), previous: new Uint8Array(80), secrets: [secretFor(world.ann)] };
    const member = { user: ben.user, role: 'editor', pin: ben.pin(), secrets: [secretFor(ben)] };
    for (const entry of [
      world.make(LAPTOP, 'pin', { pin: world.ann.pin() }, stale),
      world.make(LAPTOP, 'epoch', epoch, stale),
      world.make(LAPTOP, 'member', member, stale),
    ]) {
      expect(world.journal.commit(entry)).toEqual({ outcome: 'behind' });
    }
  });
});

describe('genesis, members, epochs and pins', () => {
  const ann = createUser('ann', LAPTOP);
  const ben = createUser('ben', BENS_PC);

  function checkGenesis(patch: Parameters<typeof makeGenesis>[2], device = LAPTOP, seq = -1): unknown {
    const entry = parseEntry(makeGenesis(ann, device, patch));
    const view = createViewCache({ head: { seq, hash: OTHER_HASH }, epoch: 0 });
    for (const key of needs(entry, view))
      view.put(key, key.kind === 'chain' ? (key.user === ann.user ? ann : ben).chain() : undefined);
    return check(entry, view);
  }

  it('open with a genesis by a device of the owner', () => {
    expect(checkGenesis({})).toMatchObject({
      outcome: 'accepted',
      effects: { seq: 0, epoch: 0, member: { user: ann.user, role: 'owner' } },
    });
    expect(checkGenesis({}, PHONE)).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    expect(checkGenesis({}, { device: LAPTOP.device, seed: PHONE.seed })).toMatchObject({ code: 'signature-invalid' });
  });

  it('refuse a genesis that is not the first, or not sound', () => {
    expect(checkGenesis({}, LAPTOP, 3)).toMatchObject({ outcome: 'invalid' });
    expect(checkGenesis({ header: { epoch: 1 } })).toMatchObject({ outcome: 'invalid' });
    expect(checkGenesis({ header: { splitter: { version: 1, min: 64, mean: 64, max: 128 } } })).toMatchObject({
      outcome: 'invalid',
    });
    expect(
      checkGenesis({ header: { splitter: { version: 1, min: 64, mean: 65, max: 8 * 1024 * 1024 } } }),
    ).toMatchObject({ outcome: 'invalid' });
    expect(checkGenesis({ body: { pin: ben.pin() } })).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
    expect(checkGenesis({ body: { pin: { ...ann.pin(), hash: OTHER_HASH } } })).toMatchObject({
      outcome: 'invalid',
      code: 'chain-invalid',
    });
    expect(checkGenesis({ body: { secrets: [secretFor(ben)] } })).toMatchObject({ outcome: 'invalid' });
    expect(checkGenesis({ body: { secrets: [secretFor(ann), secretFor(ben)] } })).toMatchObject({ outcome: 'invalid' });
    expect(checkGenesis({ body: { secrets: [{ ...secretFor(ann), generation: 2 }] } })).toMatchObject({
      outcome: 'invalid',
    });
  });

  it('give a new member the secrets, and a removed one none', () => {
    const both = createWorld([ann, ben]);
    const member = (patch: object) =>
      both.make(LAPTOP, 'member', {
        user: ben.user,
        role: 'editor',
        pin: ben.pin(),
        secrets: [secretFor(ben)],
        ...patch,
      });
    for (const patch of [
      { secrets: [] },
      { secrets: [secretFor(ann)] },
      { secrets: [secretFor(ben), secretFor(ben)] },
      { secrets: [{ ...secretFor(ben), generation: 2 }] },
      { pin: ann.pin() },
      { role: 'removed', secrets: [] },
    ]) {
      expect(both.journal.commit(member(patch))).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
    }
    expect(both.journal.commit(member({ pin: { ...ben.pin(), hash: OTHER_HASH } }))).toMatchObject({
      code: 'chain-invalid',
    });
    expect(both.journal.commit(member({})).outcome).toBe('accepted');
    expect(both.journal.commit(member({ role: 'owner', secrets: [] })).outcome).toBe('accepted');
    expect(both.journal.commit(member({ role: 'removed' }))).toMatchObject({ outcome: 'invalid' });
    expect(both.journal.commit(member({ pin: { ...ben.pin(), n: 0, hash: ben.chain().hashes[0] } }))).toMatchObject({
      code: 'journal-invalid',
    });
    expect(both.journal.commit(member({ role: 'removed', secrets: [] })).outcome).toBe('accepted');
  });

  it('keep one owner at least', () => {
    const both = createWorld([ann, ben]);
    both.journal.commit(both.member(LAPTOP, ben, 'editor'));
    const leave = () =>
      both.journal.commit(
        both.make(LAPTOP, 'member', { user: ann.user, role: 'removed', pin: ann.pin(), secrets: [] }),
      );
    expect(leave()).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    both.journal.commit(both.make(LAPTOP, 'member', { user: ben.user, role: 'owner', pin: ben.pin(), secrets: [] }));
    expect(leave().outcome).toBe('accepted');
  });

  it('seal an epoch to exactly the members, under the user keys in force at their pins', () => {
    const people = [createUser('ann', LAPTOP), createUser('ben', BENS_PC)] as const;
    const both = createWorld(people);
    both.journal.commit(both.member(LAPTOP, people[1], 'editor'));
    const secrets = people.map(secretFor);
    const epoch = (patch: object, by = LAPTOP) =>
      both.make(by, 'epoch', { epoch: 1, commitment: seedOf('c'), previous: new Uint8Array(80), secrets, ...patch });
    for (const patch of [
      { secrets: secrets.slice(0, 1) },
      { secrets: [secrets[0], secrets[0]] },
      { secrets: [...secrets, secrets[0]] },
      { secrets: secrets.map((one) => ({ ...one, generation: 2 })) },
      { epoch: 2 },
    ]) {
      expect(both.journal.commit(epoch(patch))).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
    }
    expect(both.journal.commit(epoch({}, BENS_PC)).outcome).toBe('accepted');
    rotate(people[0], LAPTOP);
    expect(both.journal.commit(both.make(LAPTOP, 'pin', { pin: people[0].pin() })).outcome).toBe('accepted');
    expect(both.journal.commit(epoch({ epoch: 2 }))).toMatchObject({ outcome: 'invalid' });
    expect(both.journal.commit(epoch({ epoch: 2, secrets: people.map(secretFor) })).outcome).toBe('accepted');
  });

  it('move a pin forward only, along the chain, and only one’s own', () => {
    const people = [createUser('ann', LAPTOP), createUser('ben', BENS_PC)] as const;
    const both = createWorld(people);
    both.journal.commit(both.member(LAPTOP, people[1], 'editor'));
    const pin = (body: object, by = LAPTOP) => both.journal.commit(both.make(by, 'pin', { pin: body }));
    const first = people[0].pin();
    expect(pin(first)).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
    logIn(people[0], PHONE);
    expect(pin({ ...people[0].pin(), hash: OTHER_HASH })).toMatchObject({ outcome: 'invalid', code: 'chain-invalid' });
    expect(pin({ ...people[0].pin(), n: 9 })).toMatchObject({ outcome: 'invalid', code: 'chain-invalid' });
    expect(pin(people[0].pin(), BENS_PC)).toMatchObject({ outcome: 'invalid', code: 'forbidden' });
    expect(pin(people[0].pin(), PHONE).outcome).toBe('accepted');
    expect(pin(first)).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
    revoke(people[0], PHONE, LAPTOP);
    expect(pin(people[0].pin(), LAPTOP)).toMatchObject({ outcome: 'invalid', code: 'device-revoked' });
    expect(pin(people[0].pin(), PHONE).outcome).toBe('accepted');
  });
});

it('an unauthorised author makes nobody load the tree', () => {
  const world2 = annsWorld();
  const entry = parseEntry(world2.changeset({ device: DESKTOP.device, seed: LAPTOP.seed }, [create('x', ROOT_NODE)]));
  const view = world2.journal.view(entry);
  expect(view.has({ kind: 'node', node: create('x').node })).toBe(false);
});
