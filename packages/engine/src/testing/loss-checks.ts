import type { ParsedChangeset } from '@onefold/journal';
import { isAlive, sameContent, samePlace } from '../core/settled.ts';
import { readTaken } from '../sync/taken.ts';
import { keyOfBytes, type ContentKey, type ContentLedger, type OwedContent } from './content-ledger.ts';
import type { Coverage } from './coverage.ts';
import type { JournalTruth } from './journal-truth.ts';
import { localPath } from './local-tree.ts';
import { contentIdOfBytes } from './memory-blocks.ts';
import type { DiskObserver } from './memory-disk.ts';
import type { Inode } from './memory-inode.ts';
import type { MemoryServer } from './memory-server-calls.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimDevice } from './sim-device.ts';
import { DISPLACED_WRITE_LIMIT_MS, type WriterFate } from './user-acts.ts';
import { Violation } from './violation.ts';

export interface WatchedWorld {
  readonly devices: readonly SimDevice[];
  readonly ledger: ContentLedger;
  readonly truth: JournalTruth;
  readonly coverage: Coverage;
  readonly server: MemoryServer;
  readonly scheduler: Scheduler;
  fail(error: unknown): void;
}

/** What must hold of contents at any time: what is owed stands somewhere, and nothing is removed or deleted that nobody gave up. */
export class LossChecks {
  readonly #about: WatchedWorld;
  /** Files that engines replaced or trashed. Numbers and ids of inodes are those of one volume only. */
  readonly #removedAt = new WeakMap<Inode, { readonly act: string; readonly atMs: number }>();
  #committed: { readonly head: string; readonly keys: Set<string> } = { head: '', keys: new Set() };
  /** What the server lost when no disk had it. */
  readonly #beyond = new Set<ContentKey>();

  constructor(about: WatchedWorld) {
    this.#about = about;
  }

  /** Every owed content stands somewhere: on a disk, own folders of the product included, or in the journal, and the server holds it. */
  checkNothingLost(): void {
    for (const { key, what } of this.#owedNowhere())
      if (!this.#beyond.has(key)) throw new Violation('nothing is lost', `${what} stands on no disk and in no version`);
  }

  /** The server has just lost something: what nobody else had is out of reach, and each who has some of the rest may keep it beside what comes. */
  noteLoss(): void {
    this.#committed = { head: '', keys: new Set() };
    for (const { key } of this.#owedNowhere()) this.#beyond.add(key);
    for (const { key } of this.#about.ledger.owed())
      if (!this.#committedKeys().has(key))
        this.#about.devices.slice(1).forEach(() => this.#about.ledger.mayDouble(key));
  }

  #owedNowhere(): readonly OwedContent[] {
    const onDisks = new Set(
      this.#about.devices.flatMap(({ disk }) => disk.allFiles().map((inode) => keyOfBytes(inode.data))),
    );
    const owed = this.#about.ledger.owed().filter(({ key }) => !key.startsWith('-> ') && !onDisks.has(key));
    return owed.filter(({ key }) => !this.#committedKeys().has(key));
  }

  /** What becomes of bytes that a program writes to a file it holds open, wherever that file is by now. */
  fateOf(device: SimDevice, inode: Inode): WriterFate {
    const removed = this.#removedAt.get(inode);
    if (removed === undefined) return device.disk.walk().some(({ found }) => found.inode === inode) ? 'stands' : 'lost';
    // The trash is the user's to open; what was replaced is looked at once more and kept beside the file.
    if (removed.act === 'trash') return 'kept';
    return this.#about.scheduler.timeMs() - removed.atMs < DISPLACED_WRITE_LIMIT_MS ? 'stands' : 'lost';
  }

  onEngineRemoval(device: SimDevice, { act, path, inode, isSent }: Parameters<DiskObserver>[0]): void {
    this.#about.coverage.count('removal', act);
    if (act !== 'discard') this.#removedAt.set(inode, { act, atMs: this.#about.scheduler.timeMs() });
    if (inode.kind === 'folder' || act === 'displace-kept') return;
    if (act === 'trash') this.#checkTrash(device, path, inode);
    // A file that was only begun is nobody's empty file.
    if (act === 'discard' && inode.data.length === 0 && inode.kind === 'file' && readTaken(path) === null) return;
    const isLink = inode.kind === 'link';
    const key = isLink ? `-> ${inode.target}` : keyOfBytes(inode.data);
    const owed = this.#about.ledger.get(key);
    if (owed?.isOwed !== true) return;
    const isCommitted = isLink
      ? this.#about.truth.hasLinkTarget(inode.target)
      : this.#about.truth.isHeld(contentIdOfBytes(inode.data));
    if (isCommitted || this.#isKeptInTrash(device, isSent, inode)) return;
    if (!isLink && this.#isToBeSentAgain(device, inode)) return;
    const stands = device.disk.walk().some(
      ({ path: at, found }) =>
        // Another name of the same file keeps its bytes in sight.
        (found.inode !== inode || at !== path) &&
        found.inode.kind === inode.kind &&
        (isLink ? found.inode.target === inode.target : keyOfBytes(found.inode.data) === key),
    );
    if (!stands)
      this.#about.fail(
        new Violation(
          'only what is safe is removed',
          `${act} of ${path} on ${device.index}: ${owed.what} is in no version`,
        ),
      );
  }

  /** The server has lost it since somebody wrote over it, and it stands on another device, as in a backup beside its file, from where it is sent. */
  #isToBeSentAgain({ index }: SimDevice, { data }: Inode): boolean {
    const key = keyOfBytes(data);
    if (!this.#about.truth.contentIds().has(contentIdOfBytes(data))) return false;
    const others = this.#about.devices.filter((other) => other.index !== index);
    return others.some(({ disk }) =>
      disk.walk().some(({ found }) => found.inode.kind === 'file' && keyOfBytes(found.inode.data) === key),
    );
  }

  /** It was deleted, and the server has lost it since: it lies in the trash until somebody empties that. */
  #isKeptInTrash(device: SimDevice, isSent: boolean | undefined, inode: Inode): boolean {
    if (isSent !== false) return false;
    const row = device.store.allRows().find(({ local }) => local?.stat.inode === inode.number);
    if (row?.remote == null || isAlive(row.remote) || !this.#about.server.losers.has(row.node)) return false;
    this.#about.ledger.keptAside(keyOfBytes(inode.data));
    return true;
  }

  /** What the engine itself knows to be wanted here, unchanged, is not removed. */
  #checkTrash(device: SimDevice, path: string, inode: Inode): void {
    const rows = new Map(device.store.allRows().map((row) => [row.node, row]));
    for (const { node, local, remote } of rows.values()) {
      if (local?.stat.inode !== inode.number || local.kind !== 'file' || !isAlive(remote)) continue;
      // Of a file with several names only the one at this very path.
      if (localPath(rows, node) !== path) continue;
      if (remote.unticked) continue;
      if (samePlace(local, remote) && sameContent(local.content, remote.content)) {
        this.#about.fail(
          new Violation(
            'only what was deleted is deleted',
            `${device.index} removes ${path}, which the journal wants there`,
          ),
        );
      }
    }
  }

  /**
   * "I could not see it" is never "the user deleted it": nobody commits the deletion of a file that stands, the same, where the journal has it.
   * Files that a user of that device moved or copied lately are left out: they may have gone and come back.
   */
  inspect(deviceId: string, entry: ParsedChangeset): () => void {
    const device = this.#about.devices.find((one) => one.deviceId === deviceId)!;
    const standing: string[] = [];
    const hidden = entry.body.changes.filter((change) => change.op === 'place' && change.hidden);
    const tops = hidden.map(({ node }) => this.#about.truth.pathOf(node)).filter((path) => path !== null);
    if (tops.length > 0) {
      const tree = this.#about.truth.tree();
      for (const { path, found } of device.disk.walkAdopted()) {
        if (found.inode.kind !== 'file' || device.moved.has(found.inode.id)) continue;
        if (!tops.some((top) => path === top || path.startsWith(`${top}/`))) continue;
        const content = tree.get(path)?.content;
        if (content?.kind === 'file' && content.contentId === contentIdOfBytes(found.inode.data)) standing.push(path);
      }
    }
    return () => {
      if (standing.length === 0) return;
      this.#about.fail(
        new Violation(
          'only what was deleted is deleted',
          `${device.index} deletes what stands on its disk: ${standing.join(', ')}`,
        ),
      );
    };
  }

  /** Ledger keys of contents that some entry committed. */
  #committedKeys(): ReadonlySet<string> {
    const head = this.#about.server.head().hash;
    if (this.#committed.head !== head) {
      const keys = new Set<string>();
      for (const { key, contentId } of this.#about.ledger.all()) {
        if (contentId !== null && this.#about.truth.isHeld(contentId)) keys.add(key);
      }
      this.#committed = { head, keys };
    }
    return this.#committed.keys;
  }
}
