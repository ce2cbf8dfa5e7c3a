/*
 * A model of the server for one namespace: the real predicate over a journal in memory, and blocks that are stored, pinned and
 * collected. Calls act at once and throw OnefoldError; delay, loss and repetition are the network's (memory-network.ts). What it
 * holds is durable; a restart loses connections alone.
 */
import {
  check,
  createMemoryJournal,
  isLoneMove,
  parseEntry,
  sha256,
  type MemoryJournal,
  type ParsedChangeset,
} from '@onefold/journal';
import {
  LIMITS,
  OnefoldError,
  type CommitRequest,
  type CommitResponse,
  type CtHash,
  type DeviceId,
  type EntriesResponse,
  type Hash,
  type NamespaceHead,
  type NamespaceId,
  type NodeId,
  type NodeSnapshot,
  type Refusal,
  type RetentionPolicy,
  type RetentionResponse,
  type SignedEntry,
} from '@onefold/protocol';
import type { MemoryAccount } from './memory-account.ts';
import { addedBy, isHidden, lostAmong, usesOf, versionsOf } from './memory-history.ts';
import type { MemoryServer } from './memory-server-calls.ts';
import { signCheckpoint, skippedOf, snapshotOf } from './memory-snapshot.ts';
import { MemoryUploads } from './memory-uploads.ts';

export function createMemoryServer(account: MemoryAccount, pageEntries = 7): MemoryServer {
  const openJournal = (entries: readonly SignedEntry[]): MemoryJournal => {
    const made = createMemoryJournal({
      chain: (user) => (user === account.user ? account.chain : undefined),
      userOfDevice: (device) => (account.chain.devices.has(device) ? account.user : undefined),
    });
    for (const entry of entries) {
      const { outcome } = made.commit(entry);
      if (outcome !== 'accepted') throw new Error(`an entry was ${outcome}`);
    }
    return made;
  };
  let journal = openJournal([account.genesis]);
  /** Changesets up to here are gone, and this is the tree after them. */
  let base: { readonly seq: number; readonly rows: readonly NodeSnapshot[] } = { seq: -1, rows: [] };
  let recoveryEpoch = 0;
  let lostRevision = 0;
  const lost = new Map<CtHash, Uint8Array>();
  const losers = new Set<NodeId>();
  let backup: {
    readonly entries: readonly SignedEntry[];
    readonly base: typeof base;
    readonly stored: ReadonlyMap<CtHash, Uint8Array>;
    readonly referenced: ReadonlySet<CtHash>;
    readonly purgedNodes: ReadonlySet<NodeId>;
    readonly keptFrom: ReadonlyMap<NodeId, number>;
    readonly lostRevision: number;
  } | null = null;
  const namespaceId = journal.namespaceId() as NamespaceId;
  const uploads = new MemoryUploads(namespaceId, (event, except) => listener(event, except));
  const { stored } = uploads;
  const committed = new Map<string, { readonly headerHash: Hash; readonly seq: number; readonly hash: Hash }>();
  /** Blocks that a kept version uses. */
  let referenced = new Set<CtHash>();
  /** Deleted nodes of which nothing is kept any more. */
  let purgedNodes = new Set<NodeId>();
  /** Old versions below these are gone, by node. */
  let keptFrom = new Map<NodeId, number>();
  let chosen: RetentionPolicy | null = null;
  let collections = 0;
  const outcomes = new Map<string, number>();
  let listener: Parameters<MemoryServer['onEvent']>[0] = () => undefined;

  function count(outcome: string): void {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  function head(): NamespaceHead {
    return { namespaceId, ...journal.head(), recoveryEpoch, ...(lostRevision === 0 ? {} : { lostRevision }) };
  }

  function commit(device: DeviceId, request: CommitRequest): CommitResponse {
    const parsed = parseEntry(request.entry);
    if (parsed.header.device !== device)
      throw new OnefoldError('forbidden', 'an entry is committed by the device that signed it');
    const upload = request.uploadId === undefined ? undefined : uploads.byId.get(request.uploadId);
    const operation = `${device} ${parsed.header.opId}`;
    const headerHash = sha256(parsed.raw.header);
    const repeated = committed.get(operation);
    if (repeated !== undefined) {
      if (repeated.headerHash !== headerHash)
        throw new OnefoldError('invalid-argument', 'the opId stands for another entry');
      count('repeated');
      return { outcome: 'committed', seq: repeated.seq, hash: repeated.hash };
    }
    if (request.pack !== undefined) uploads.store(request.pack.bytes, upload);
    const mostNodes = isLoneMove(parsed) ? 2 * server.nodesPerEntry : server.nodesPerEntry;
    if (parsed.type === 'changeset' && nodesLookedAt(parsed) > mostNodes) {
      count('nested-too-deep');
      throw new OnefoldError('nested-too-deep', 'more nodes have to be looked at for this entry than may be');
    }
    if (parsed.type === 'changeset') {
      const missing = addedBy(parsed).filter((one) => !stored.has(one));
      if (missing.length > 0 && check(parsed, journal.view(parsed)).outcome === 'accepted') {
        count('blocks-missing');
        return { outcome: 'blocks-missing', missing, head: head() };
      }
    }
    const shownAgain = parsed.type === 'changeset' ? showsPurged(parsed) : [];
    if (shownAgain.length > 0 && check(parsed, journal.view(parsed)).outcome === 'accepted') {
      count('refused blocks-missing');
      return { outcome: 'refused', refusals: shownAgain, head: head() };
    }
    const isAccepted = parsed.type === 'changeset' ? server.inspector?.(device, parsed) : undefined;
    const result = journal.commit(request.entry);
    switch (result.outcome) {
      case 'behind':
        count('behind');
        throw new OnefoldError('behind', 'the base of this entry is too old to decide on');
      case 'invalid':
        count(`invalid ${result.code}`);
        throw new OnefoldError(result.code, result.message);
      case 'refused':
        for (const { reason } of result.refusals) count(`refused ${reason}`);
        return { outcome: 'refused', refusals: [...result.refusals], head: head() };
      case 'accepted': {
        count('committed');
        isAccepted?.();
        const { seq, hash } = journal.head();
        for (const { added } of result.effects.blocks) for (const [ctHash] of added) referenced.add(ctHash);
        committed.set(operation, { headerHash, seq, hash });
        if (upload !== undefined) Object.assign(upload, { state: 'committed', committed: { seq, hash } });
        listener({ event: 'head', head: head() }, null);
        if (upload !== undefined) uploads.announceState(upload);
        return { outcome: 'committed', seq, hash };
      }
    }
  }

  function showsPurged(entry: ParsedChangeset): Refusal[] {
    return entry.body.changes.flatMap((change, index) =>
      change.op === 'place' && !change.hidden && purgedNodes.has(change.node)
        ? [{ index, reason: 'blocks-missing' as const, node: change.node }]
        : [],
    );
  }

  /** Only the current versions of what is not deleted are kept. */
  function purgeHistory(): void {
    const uses = usesOf(journal);
    referenced = new Set();
    for (const { node, contentVersion } of journal.nodes.values()) {
      if (isHidden(journal, node)) purgedNodes.add(node);
      else for (const ctHash of uses.get(node) ?? []) referenced.add(ctHash);
      keptFrom.set(node, isHidden(journal, node) ? Infinity : contentVersion);
    }
    count('history purged');
  }

  function describeRetention(): RetentionResponse {
    const serverPolicy = { isThinned: false, versionDays: null, versionCount: null, trashDays: null };
    return { policy: chosen ?? serverPolicy, isDefault: chosen === null, serverPolicy };
  }

  /** Those it changes and all above them, as far as they are there. */
  function nodesLookedAt(entry: ParsedChangeset): number {
    const nodes = new Set<NodeId>();
    for (const change of entry.body.changes) {
      nodes.add(change.node);
      if ('parent' in change) nodes.add(change.parent);
    }
    // A set may grow while it is iterated.
    for (const node of nodes) {
      const parent = journal.nodes.get(node)?.parent;
      if (parent !== undefined) nodes.add(parent);
    }
    return [...nodes].filter((node) => journal.nodes.has(node)).length;
  }

  const server: MemoryServer = {
    inspector: null,
    nodesPerEntry: LIMITS.nodesPerEntry,
    get quotaBytes() {
      return uploads.quotaBytes;
    },
    set quotaBytes(bytes) {
      uploads.quotaBytes = bytes;
    },
    get journal() {
      return journal;
    },
    head,
    outcomes,
    holds: (ctHash) => stored.has(ctHash),
    blockCount: () => stored.size,
    heldBytes: () => uploads.heldBytes(),
    onEvent(next) {
      listener = next;
    },
    collect() {
      uploads.expireAll();
      if (++collections % 2 === 0) purgeHistory();
      for (const ctHash of [...stored.keys()]) if (!referenced.has(ctHash)) stored.delete(ctHash);
    },
    backUp() {
      backup = {
        entries: [...journal.entries],
        base,
        stored: new Map(stored),
        referenced: new Set(referenced),
        purgedNodes: new Set(purgedNodes),
        keptFrom: new Map(keptFrom),
        lostRevision,
      };
    },
    restore() {
      if (backup === null) return;
      journal = openJournal(backup.entries);
      base = backup.base;
      recoveryEpoch++;
      lostRevision = backup.lostRevision;
      stored.clear();
      for (const [ctHash, sealed] of backup.stored) stored.set(ctHash, sealed);
      referenced = new Set(backup.referenced);
      purgedNodes = new Set(backup.purgedNodes);
      keptFrom = new Map(backup.keptFrom);
      uploads.byId.clear();
      committed.clear();
      listener({ event: 'head', head: head() }, null);
    },
    lose(node) {
      const uses = usesOf(journal);
      const blocks = [...(uses.get(node) ?? [])].filter((ctHash) => stored.has(ctHash));
      if (blocks.length === 0) return;
      for (const ctHash of blocks) {
        lost.set(ctHash, stored.get(ctHash)!);
        stored.delete(ctHash);
      }
      for (const [user, used] of uses) if (blocks.some((ctHash) => used.has(ctHash))) losers.add(user);
      lostRevision++;
      count('lost');
    },
    regain(node) {
      for (const ctHash of usesOf(journal).get(node) ?? []) {
        const sealed = lost.get(ctHash);
        if (sealed !== undefined && !stored.has(ctHash)) stored.set(ctHash, sealed);
      }
      lostRevision++;
      count('regained');
    },
    losers,
    truncate() {
      const seq = journal.head().seq;
      const entry = signCheckpoint(account.keeper, namespaceId, journal);
      if (journal.commit(entry).outcome !== 'accepted') throw new Error('a true checkpoint was not accepted');
      base = { seq, rows: [...journal.rows.values()].sort((a, b) => (a.node < b.node ? -1 : 1)) };
      count('truncated');
      listener({ event: 'head', head: head() }, null);
    },
    callsOf: (device) => ({
      head,
      entries(after, minSeq) {
        const { seq } = journal.head();
        if (seq < minSeq || after > seq)
          throw new OnefoldError('server-error', 'the caller has seen more than this server');
        if (after < base.seq) {
          count('reset');
          const genesis = after === -1 ? [{ seq: 0, ...journal.entries[0]! }] : [];
          return { head: head(), entries: genesis, reset: { seq: base.seq + 1, wholeFrom: base.seq + 1 } };
        }
        const last = Math.min(seq, after + Math.min(pageEntries, LIMITS.entriesPerPage));
        const entries: EntriesResponse['entries'] = [];
        for (let at = after + 1; at <= last; at++) entries.push({ seq: at, ...journal.entries[at]! });
        return { head: head(), entries };
      },
      skipped: (after, to) => skippedOf(journal, after, Math.min(to, after + 3 * pageEntries)),
      snapshot: (seq, after) => snapshotOf(base, seq, after, pageEntries, keptFrom),
      announce: (request) => uploads.announce(device, request),
      upload(uploadId) {
        const { state, pinned, committed: outcome } = uploads.ownedBy(device, uploadId);
        const held = [...pinned].filter((ctHash) => stored.has(ctHash));
        return { state, stored: held, ...(outcome === null ? {} : { committed: outcome }) };
      },
      putPack(uploadId, _packId, pack) {
        const upload = uploads.ownedBy(device, uploadId);
        if (upload.state === 'expired') throw new OnefoldError('upload-expired', 'this upload has expired');
        return { stored: uploads.store(pack, upload), state: upload.state };
      },
      commit: (request) => commit(device, request),
      readBlocks: (blocks) => blocks.map((ctHash) => stored.get(ctHash) ?? null),
      lostBlocks: (after) =>
        lostAmong(journal, (ctHash) => lost.has(ctHash) && !stored.has(ctHash), after, pageEntries),
      versions(node) {
        const from = keptFrom.get(node) ?? 1;
        return { versions: versionsOf(journal, node).filter(({ version }) => version >= from) };
      },
      retention: describeRetention,
      setRetention(policy) {
        chosen = policy;
        return describeRetention();
      },
      purge(node, version) {
        if (version !== null || !isHidden(journal, node))
          throw new OnefoldError('invalid-argument', 'this model purges deleted files alone');
        purgedNodes.add(node);
        keptFrom.set(node, Infinity);
        return 1;
      },
      purgedAmong: (nodes) => nodes.filter((node) => purgedNodes.has(node)),
      usage: () => ({ usedBytes: server.heldBytes(), quotaBytes: null }),
      times(asked) {
        const last = journal.entries.length - 1;
        const seqs = 'atMs' in asked ? [Math.min(last, asked.atMs)] : asked.seqs.filter((seq) => seq <= last);
        const times = seqs
          .filter((seq) => seq >= 0)
          .map((seq) => ({
            seq,
            device: parseEntry(journal.entries[seq]!).header.device,
            acceptedAtMs: seq,
          }));
        return { times: times.sort((a, b) => b.seq - a.seq) };
      },
    }),
  };
  return server;
}
