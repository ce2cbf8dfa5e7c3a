import type { CtHash, LostBlock, LostPlace, NamespaceHead, NodeId } from '@onefold/protocol';
import { isAlive, sameContent } from '../core/settled.ts';
import type { NodeReferences, NodeRow } from '../core/tree.ts';
import { createBreather } from './breather.ts';
import { push, type PushResult } from './push.ts';
import type { LostContents } from './session-parts.ts';
import type { Session } from './session.ts';
import { succeed } from './succeed.ts';

const FACT = 'lost-contents';
/** What a head tells while nothing was ever lost. */
const NOTHING = '';
/** Pages of what is lost that are kept at once. */
const PAGES = 16;
const ROWS_AT_ONCE = 1_000;
/** What is lost and not here is asked for again this often: somebody may have put it back. */
const ASK_AGAIN_MS = 60 * 60_000;
/** Devices that did not write a version wait for this long, and up to as long again, so that not all of them send it: who did may hear of it last. */
const OTHERS_WAIT_MS = 2 * 60_000;
/** Whoever has what the server has lost, and knows of it, has begun to send it again by then. */
export const OTHERS_SEND_WITHIN_MS = 2 * OTHERS_WAIT_MS;
/** A file that was sent again is not sent once more before this: a server that loses everything, or says so, is not to be fed for ever. */
const REPEAT_MS = 60 * 60_000;
/** How soon it is asked again whether what was replaced is whole now: at once, then after this and twice as long each time. */
const ASSURE_MS = 60_000;

interface Lost {
  readonly version: number;
  readonly blocks: CtHash[];
}

/** A lost file that is here: since when this device may send it, and whether it is not to be here. */
interface Standing {
  readonly fromMs: number;
  readonly isUnticked: boolean;
}

/** Kept over restarts. */
interface Known {
  /** Losses with which nothing is left to be done, here or later. */
  readonly done: string;
  /** Something of it was here when the engine ended. */
  readonly isOpen: boolean;
}

export function createLostContents(session: () => Session): LostContents {
  let known: Known = { done: NOTHING, isOpen: false };
  let heard: string | null = null;
  /** The losses that were asked about. */
  let listed: string | null = null;
  let listedMs = 0;
  const book = new Map<NodeId, Lost>();
  /** Nodes of the book whose rows are to be looked at. */
  const unseen = new Set<NodeId>();
  const here = new Map<NodeId, Standing>();
  /** Behind what is in the book; null: that is all. */
  let next: LostPlace | null = null;
  /** Lists before it held what is not here. */
  let isPartial = false;
  /** Sent again, and when the server had it. */
  const tried = new Set<NodeId>();
  const sentMs = new Map<NodeId, number>();
  /** A later version took the place of one that was lost: it may use the same blocks, so that only the server can tell whether it is whole. */
  let isUnsure = false;
  let assurances = 0;

  const nowMs = (): number => session().ports.clock.monotonicMs();

  async function look(): Promise<void> {
    if (heard === null) return;
    const isOld = listed === null ? heard !== known.done : heard !== listed || isToAskAgain();
    if (listed !== heard) assurances = 0;
    if (isOld) await listAll(heard);
    await judge();
    for (;;) {
      if (here.size > 0) break;
      if (next !== null) {
        isPartial ||= book.size > 0;
        await list(next);
      } else if (isUnsure && assureMs() <= 0) {
        assurances++;
        await listAll(heard);
      } else break;
      await judge();
    }
    await note();
  }

  async function listAll(losses: string): Promise<void> {
    await list(null);
    isPartial = false;
    isUnsure = false;
    listed = losses;
    listedMs = nowMs();
  }

  function isToAskAgain(): boolean {
    return (book.size > 0 || isPartial) && nowMs() - listedMs >= ASK_AGAIN_MS;
  }

  function assureMs(): number {
    if (assurances === 0) return 0;
    return listedMs + Math.min(ASK_AGAIN_MS, ASSURE_MS * 2 ** (assurances - 1)) - nowMs();
  }

  /** Takes a new list. Throws, with the old one as it was, when the server does not answer. */
  async function list(after: LostPlace | null): Promise<void> {
    const found: LostBlock[] = [];
    let place: LostPlace | null = after;
    for (let page = 0; page < PAGES; page++) {
      const { lost, hasMore } = await session().ports.remote.lostBlocks(place);
      found.push(...lost);
      place = hasMore ? (lost[lost.length - 1] ?? null) : null;
      if (place === null) break;
    }
    next = place;
    for (const { blocks } of book.values()) for (const ctHash of blocks) session().transfers.lost.delete(ctHash);
    book.clear();
    for (const { node, version, ctHash } of found) {
      const its = book.get(node) ?? { version, blocks: [] };
      its.blocks.push(ctHash);
      // Nor are they used again for an edit.
      session().transfers.lost.add(ctHash);
      book.set(node, its);
      unseen.add(node);
    }
    await forget([...here.keys()].filter((node) => !book.has(node)));
  }

  async function judge(): Promise<void> {
    const { store, clock } = session().ports;
    const breathe = createBreather(clock);
    const nodes = [...unseen].filter((node) => book.has(node));
    unseen.clear();
    for (let at = 0; at < nodes.length; at += ROWS_AT_ONCE) {
      const some = nodes.slice(at, at + ROWS_AT_ONCE);
      const rows = await store.rows(some);
      const references = await store.references(some);
      await forget(some.filter((node, i) => !stands(node, rows[i], references[i] ?? null)));
      await breathe();
    }
    for (const [node, atMs] of sentMs) if (nowMs() - atMs > REPEAT_MS) sentMs.delete(node);
  }

  /** Takes the row for what it is now; false when there is nothing to send of it. */
  function stands(node: NodeId, row: NodeRow | undefined, references: NodeReferences | null): boolean {
    const { version, blocks } = book.get(node)!;
    const isReplaced = row?.remote != null && row.remote.contentVersion > version;
    if (isReplaced) isUnsure = true;
    if (isReplaced && tried.delete(node)) sentMs.set(node, nowMs());
    if (isReplaced || !usesAny(references, new Set(blocks))) book.delete(node);
    if (row === undefined || !book.has(node) || !standsHere(row, version)) return false;
    here.set(node, { fromMs: here.get(node)?.fromMs ?? firstMs(row), isUnticked: row.remote?.unticked === true });
    return true;
  }

  /** What these waited for is over. Where something else is the matter with them, that is met again. */
  async function forget(nodes: readonly NodeId[]): Promise<void> {
    const gone = nodes.filter((node) => here.delete(node));
    const rows = gone.length === 0 ? [] : await session().ports.store.rows(gone);
    await succeed(
      session(),
      rows.filter((row) => row !== undefined),
    );
  }

  function firstMs(row: NodeRow): number {
    const { device, ports } = session();
    const last = sentMs.get(row.node);
    if (last !== undefined) return last + REPEAT_MS;
    return nowMs() + (row.remote?.author === device ? 0 : Math.floor((1 + ports.random.fraction()) * OTHERS_WAIT_MS));
  }

  async function note(): Promise<void> {
    const isDone = listed !== null && next === null && book.size === 0 && !isPartial && !isUnsure;
    const now: Known = { done: isDone ? (listed ?? NOTHING) : known.done, isOpen: here.size > 0 };
    if (now.done === known.done && now.isOpen === known.isOpen) return;
    known = now;
    await session().ports.store.commit({ facts: { [FACT]: JSON.stringify(now) } });
  }

  /** Something may be lost, and the server was not asked yet. */
  function isUnknown(): boolean {
    if (listed !== null) return heard !== listed || isUnsure;
    return known.isOpen || (heard !== null && heard !== known.done);
  }

  function isWaiting(node: NodeId): boolean {
    const { patience, transfers, guard } = session();
    return patience.isWaiting(node) || transfers.isBusy(node) || guard.isHeld(node);
  }

  return {
    async load() {
      const text = await session().ports.store.fact(FACT);
      if (text !== null) known = JSON.parse(text) as Known;
    },
    heard(head) {
      heard = lossesOf(head);
    },
    note(rows) {
      for (const { node } of rows) if (book.has(node)) unseen.add(node);
    },
    look,
    judge,
    due() {
      const due = [...here].filter(([node, { fromMs }]) => fromMs <= nowMs() && !isWaiting(node));
      return due.slice(0, ROWS_AT_ONCE).map(([node]) => ({ node, lost: next === null ? 'some' : 'all' }));
    },
    tried(nodes) {
      for (const node of nodes) tried.add(node);
    },
    isUnsure: () => isUnsure,
    isHere: (node) => here.has(node),
    mayBeLost: ({ node, remote }) =>
      (remote !== null && book.get(node)?.version === remote.contentVersion) || isPartial || isUnknown(),
    isKept: (node) => here.get(node)?.isUnticked === true,
    count: () => Math.max(here.size, isUnknown() ? 1 : 0),
    list: () => [...here.keys()],
    nextDueMs() {
      const dues = [...here].filter(([node]) => !isWaiting(node)).map(([, { fromMs }]) => fromMs - nowMs());
      if (book.size > 0 || isPartial) dues.push(listedMs + ASK_AGAIN_MS - nowMs());
      if (isUnsure && here.size === 0) dues.push(assureMs());
      return dues.length === 0 ? null : dues.reduce((least, due) => Math.min(least, due));
    },
  };
}

/** What a head tells of losses: a server that was restored counts anew from where it was. */
function lossesOf({ lostRevision, recoveryEpoch }: NamespaceHead): string {
  return lostRevision === undefined ? NOTHING : `${recoveryEpoch}:${lostRevision}`;
}

/** The file is here, and is what the journal says: its bytes are what the server has lost. */
function standsHere({ local, remote }: NodeRow, version: number): boolean {
  if (local?.content == null || !isAlive(remote) || remote.contentVersion !== version) return false;
  return local.content.kind === 'file' && sameContent(local.content, remote.content);
}

/** A server's word alone is no reason to send a file again. Where its references are not known here it has to do. */
function usesAny(references: NodeReferences | null, blocks: ReadonlySet<CtHash>): boolean {
  if (references?.references == null) return true;
  return [...references.references, ...references.manifest].some(({ ctHash }) => blocks.has(ctHash));
}

/** Sends what the server has lost of files that are here, as new versions of the same content. */
export async function resendLost(session: Session): Promise<PushResult> {
  // The journal may have been read since.
  await session.lostContents.judge();
  const due = session.lostContents.due();
  if (due.length === 0) return { committed: 0, code: null };
  session.lostContents.tried(due.map(({ node }) => node));
  session.ports.log.write('warn', 'lost-contents-sent', { folder: session.options.folderId, files: due.length });
  return push(
    session,
    due.map(({ node, lost }) => ({ node, place: null, content: true, lost, attributes: false, joined: false })),
  );
}
