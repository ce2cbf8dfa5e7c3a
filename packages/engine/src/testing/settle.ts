/*
 * Bringing a world to rest, and what must hold there.
 *
 *   mend -> run until every engine says done, in rounds, until a whole round changes nothing -> judge
 */
import type { NodeId } from '@onefold/protocol';
import { isConflictName } from '../core/conflict-name.ts';
import { isSafe, isSettled } from '../core/settled.ts';
import { lastName } from '../core/names.ts';
import type { Coverage } from './coverage.ts';
import { keyOfBytes, keyOfTarget } from './content-ledger.ts';
import { localPath } from './local-tree.ts';
import { contentIdOfBytes } from './memory-blocks.ts';
import { usesOf } from './memory-history.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { notWithdrawn } from './selection-checks.ts';
import type { SimDevice } from './sim-device.ts';
import { localTreeProblem } from './local-tree.ts';
import { namesElsewhere, residuesOf, snapshotOf, territoryOf } from './tree-snapshot.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
const WAIT_BUDGET_MS = 6 * 60 * MINUTE_MS;
const MAX_ROUNDS = 12;

export function settle(world: World): void {
  mend(world);
  bringDisksBack(world);
  comeToRest(world);
  tickEverything(world);
  // A rules file behind another one's rule comes to light when that one is gone.
  for (let round = 0; round < MAX_ROUNDS && world.withoutRules(); round++) {
    world.coverage.count('policy', 'rules at rest');
    comeToRest(world);
  }
  if (regainWhatNobodyHas(world)) comeToRest(world);
  // Longer than any second look at replaced files.
  world.runFor(3 * MINUTE_MS);
  comeToRest(world);
  judge(world);
}

/** A disk whose place was written to meanwhile is mounted once the engine knows that nothing is left there. */
function bringDisksBack(world: World): void {
  for (let round = 0; world.mountAll(); round++) {
    if (round === MAX_ROUNDS) throw new Violation('comes to rest', 'there is no place for a disk that was taken away');
    comeToRest(world);
  }
}

/** What the server has lost and no disk has any more no device can send: each of them says so, and then whoever runs the server brings it back. */
function regainWhatNobodyHas({ server, truth, devices, coverage }: World): boolean {
  if (server.losers.size === 0) return false;
  const standing = new Set(
    devices.flatMap(({ disk }) => disk.allFiles().map(({ data }) => contentIdOfBytes(data) as string)),
  );
  const uses = usesOf(server.journal);
  let isAny = false;
  for (const [path, { node, content }] of truth.tree()) {
    const isWhole = [...(uses.get(node) ?? [])].every((ctHash) => server.holds(ctHash));
    if (isWhole || content?.kind !== 'file' || standing.has(content.contentId)) continue;
    for (const { index, store } of devices)
      if (!store.allAttention().some(({ id, code }) => id === `node:${node}` && code === 'content-lost'))
        throw new Violation('what nobody has is said to be lost', `${path} is waited for on ${index} without a word`);
    server.regain(node);
    coverage.count('policy', 'lost for good');
    isAny = true;
  }
  return isAny;
}

/** What devices leave out they leave out at rest too; all of it is then to be here, so that the devices can be compared. */
function tickEverything(world: World): void {
  const choosy = world.devices.filter(({ store }) => store.allRows().some(({ remote }) => remote?.unticked === true));
  for (const { index, store, life } of choosy) {
    const rows = store.allRows();
    const byNode = new Map(rows.map((row) => [row.node, row]));
    for (const { node } of notWithdrawn(rows)) {
      const path = localPath(byNode, node) ?? '';
      const isFrozen = world.drive(life!.engine.isFrozen(path), WAIT_BUDGET_MS, `explain ${path} on ${index}`);
      if (!isFrozen) throw new Violation('what is not to be here leaves', `${path} on ${index} is with the server`);
      world.coverage.count('policy', 'unticked and frozen');
    }
    world.coverage.count('policy', 'unticked at rest');
    world.drive(life!.engine.tickAll(), WAIT_BUDGET_MS, `tick everything on ${index}`);
  }
  if (choosy.length > 0) comeToRest(world);
}

function mend(world: World): void {
  world.setServer(true);
  for (const device of world.devices) {
    device.writer?.close();
    device.writer = null;
    device.conditions.isCut = false;
    device.conditions.faults.length = 0;
    device.disk.faults.length = 0;
    device.disk.healEntries();
    device.disk.restoreRoot();
    device.disk.main.capacityBytes = Number.MAX_SAFE_INTEGER;
    device.watcherFaults.isDeaf = false;
    device.watcherFaults.overflowNext = false;
    world.start(device);
    device.life?.engine.resume().catch((error: unknown) => world.fail(error));
  }
  world.linkChanged();
}

/** Rounds of `sync --wait` on every device until one round leaves head and disks as they were. */
function comeToRest(world: World): void {
  let before = stateOf(world);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const device of world.devices) {
      const { engine } = device.life!;
      world.drive(engine.confirmAll(), WAIT_BUDGET_MS, `confirm on ${device.index}`);
      const outcome = world.drive(engine.syncWait(), WAIT_BUDGET_MS, `sync --wait on ${device.index}`);
      world.coverage.count('sync --wait', outcome);
      if (outcome === 'timeout')
        throw new Violation('comes to rest', `sync --wait timed out on ${device.index}: ${engine.describe()}`);
    }
    const after = stateOf(world);
    if (after === before) return;
    before = after;
  }
  throw new Violation('convergence', `still changing after ${MAX_ROUNDS} rounds of sync --wait on every device`);
}

/** Snapshots of whole disks that have not changed since. */
const snapshots = new WeakMap<MemoryDisk, { readonly changes: number; readonly text: string }>();

function stateOf(world: World): string {
  return [world.server.head().hash, ...world.devices.map(({ disk }) => snapshotNow(disk))].join('\n');
}

function snapshotNow(disk: MemoryDisk): string {
  const changes = disk.changes();
  const known = snapshots.get(disk);
  if (known?.changes === changes) return known.text;
  const text = snapshotOf(disk, '');
  snapshots.set(disk, { changes, text });
  return text;
}

/** Everything that must hold at rest. Throws Violation. */
function judge(world: World): void {
  world.checks.checkNothingLost();
  for (const device of world.devices) world.territories.check(device);
  const stepNs = world.devices.reduce((coarsest, { shape }) => Math.max(coarsest, shape.keptNs), 1_000);
  judgeEqualDisks(world, BigInt(stepNs));
  judgeJournal(world);
  for (const device of world.devices) judgeStore(device, world.coverage);
  judgeContents(world);
  judgeHeld(world);
  judgeCommitted(world);
  judgePhase(world, BigInt(stepNs));
  for (const device of world.devices) {
    device.moved.clear();
    device.vacated.clear();
  }
}

function judgeEqualDisks(world: World, stepNs: bigint): void {
  const [first, ...others] = world.devices.map(({ disk, store }) =>
    snapshotOf(disk, '', stepNs, residuesOf(disk, store.allRows()), namesElsewhere(disk, store.allRows())),
  );
  others.forEach((other, i) => {
    if (other !== first)
      throw new Violation('convergence', `disk ${i + 1} differs from disk 0:\n${difference(first!, other)}`);
  });
}

function judgeJournal(world: World): void {
  const { disk, store } = world.devices[0]!;
  const residues = residuesOf(disk, store.allRows());
  const nameOf = namesElsewhere(disk, store.allRows());
  const onDisk = new Map<string, string>();
  for (const { path, found } of disk.walk()) {
    const { kind, data, target } = found.inode;
    if (kind === 'special' || residues.has(path)) continue;
    onDisk.set(nameOf(path), kind === 'file' ? `file ${data.length}` : kind === 'link' ? `link ${target}` : 'folder');
  }
  const inJournal = new Map<string, string>();
  for (const [path, { kind, content }] of world.truth.tree()) {
    inJournal.set(
      path,
      content === null ? kind : content.kind === 'file' ? `file ${content.sizeBytes}` : `link ${content.target}`,
    );
  }
  const text = (map: Map<string, string>) =>
    [...map]
      .map(([path, what]) => `${JSON.stringify(path)} ${what}`)
      .sort()
      .join('\n');
  if (text(onDisk) !== text(inJournal)) {
    throw new Violation('the journal says what the disks hold', difference(text(inJournal), text(onDisk)));
  }
}

function judgeStore({ index, store, disk }: SimDevice, coverage: Coverage): void {
  if (residuesOf(disk, store.allRows()).size > 0)
    coverage.count('policy', 'folder deleted there that holds untracked things here');
  const problem = localTreeProblem(store.allRows());
  if (problem !== null) throw new Violation('the local tree is a tree', `on ${index}: ${problem}`);
  const broken = store.allRows().find((row) => !isSettled(row) || !isSafe(row));
  if (broken !== undefined) {
    throw new Violation(
      'rows are settled at rest',
      `on ${index}: ${JSON.stringify(broken, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}`,
    );
  }
  const left = store.leftovers();
  if (left !== '') throw new Violation('nothing is owed at rest', `on ${index}: ${left}`);
  const staging = disk.tops().flatMap((top) => {
    const folder = disk.find(`${top === '' ? '' : `${top}/`}.onefold/staging`);
    return folder === null ? [] : [...folder.inode.children.keys()];
  });
  if (staging.length > 0) throw new Violation('staging is empty at rest', `on ${index}: ${staging.join(' ')}`);
}

/** Of every file that is not deleted the server has all: somebody has it, since all of it is everywhere. */
function judgeHeld({ server, truth }: World): void {
  if (server.losers.size === 0) return;
  const uses = usesOf(server.journal);
  for (const [path, { node }] of truth.tree())
    for (const ctHash of uses.get(node) ?? [])
      if (!server.holds(ctHash))
        throw new Violation('what the server lost is sent again', `${path} is not whole there`);
}

/** Nobody ever committed bytes that no user wrote: half-read files, half-written ones. */
function judgeCommitted(world: World): void {
  // What the server had lost is rightly said again.
  const [repeat] = world.truth.repeats().filter((key) => !world.server.losers.has(key.split(' ')[0] as NodeId));
  if (repeat !== undefined)
    throw new Violation('nothing is sent twice', `${repeat} says what the version before it said`);
  const known = new Set(world.ledger.all().map(({ contentId }) => contentId));
  for (const contentId of world.truth.contentIds()) {
    if (!known.has(contentId))
      throw new Violation('nothing is made up', `the journal holds ${contentId}, which nobody wrote`);
  }
}

/** Owed contents are visible, and none is there more often than users made it. */
function judgeContents(world: World): void {
  const visible = new Map<string, string[]>();
  for (const { path, found } of world.devices[0]!.disk.walk()) {
    const { kind, data, target } = found.inode;
    if (kind === 'folder' || kind === 'special') continue;
    const key = kind === 'link' ? keyOfTarget(target) : keyOfBytes(data);
    visible.set(key, [...(visible.get(key) ?? []), path]);
  }
  for (const { key, what, isAside } of world.ledger.owed()) {
    if (!isAside && !visible.has(key)) throw new Violation('nothing is lost', `${what} is in no folder at rest`);
  }
  for (const [key, paths] of visible) {
    const known = world.ledger.get(key);
    if (known === undefined) throw new Violation('nothing is made up', `${paths.join(', ')} holds what nobody wrote`);
    if (paths.length > known.copies) {
      throw new Violation(
        'bounded conflict copies',
        `${known.what} stands ${paths.length} times, made ${known.copies} times: ${paths.join(', ')}`,
      );
    }
    if (paths.some((path) => isConflictName(lastName(path)))) world.coverage.count('policy', 'conflict copy at rest');
  }
  world.ledger.rest((key) => visible.get(key)?.length ?? 0);
}

/** In phase `own` nothing conflicts: every territory is what its one writer made, everywhere, and the rest as it was. */
function judgePhase(world: World, stepNs: bigint): void {
  if (world.territory === 'free') return;
  for (const owner of world.devices) {
    const seenOn = ({ disk, store }: SimDevice): string =>
      snapshotOf(disk, territoryOf(owner.index), stepNs, undefined, namesElsewhere(disk, store.allRows()));
    const expected = seenOn(owner);
    for (const device of world.devices) {
      const { index } = device;
      const found = seenOn(device);
      if (found !== expected)
        throw new Violation(
          'what only one writes stays as written',
          `${owner.index} as seen on ${index}:\n${difference(expected, found)}`,
        );
    }
  }
  const shared = snapshotOf(world.devices[0]!.disk, null);
  if (world.territories.shared !== null && shared !== world.territories.shared) {
    throw new Violation('what nobody touches stays', difference(world.territories.shared, shared));
  }
}

/** Lines only in one of two texts. */
function difference(a: string, b: string): string {
  const left = new Set(a.split('\n'));
  const right = new Set(b.split('\n'));
  return [
    ...[...left].filter((line) => !right.has(line)).map((line) => `  - ${line}`),
    ...[...right].filter((line) => !left.has(line)).map((line) => `  + ${line}`),
  ].join('\n');
}
