/*
 * A model of the server for one namespace: the real predicate over a journal in memory, and blocks that are stored, pinned and
 * collected. Calls act at once and throw OnefoldError; delay, loss and repetition are the network's (memory-network.ts). What it
 * holds is durable; a restart loses connections alone.
 */
import { hash as digestOf } from 'node:crypto';
import {
  check,
  createMemoryJournal,
  parseEntry,
  sha256,
  type MemoryJournal,
  type ParsedChangeset,
} from '@onefold/journal';
import {
  LIMITS,
  OnefoldError,
  readPack,
  ROOT_NODE,
  type AnnounceUploadRequest,
  type AnnounceUploadResponse,
  type CommitRequest,
  type CommitResponse,
  type CtHash,
  type DeviceId,
  type EntriesResponse,
  type Hash,
  type NamespaceHead,
  type NamespaceId,
  type NodeId,
  type OpId,
  type PackId,
  type PutPackResponse,
  type Refusal,
  type RetentionPolicy,
  type RetentionResponse,
  type ServerEvent,
  type SignedEntry,
  type TimesResponse,
  type UploadId,
  type UploadResponse,
  type UsageResponse,
  type VersionsResponse,
} from '@onefold/protocol';
import type { MemoryAccount } from './memory-account.ts';

interface Upload {
  readonly uploadId: UploadId;
  readonly opId: OpId;
  readonly device: DeviceId;
  readonly nodes: AnnounceUploadRequest['nodes'];
  readonly pinned: Set<CtHash>;
  state: UploadResponse['state'];
  committed: { readonly seq: number; readonly hash: Hash } | null;
}

/** What one device may ask. */
export interface ServerCalls {
  head(): NamespaceHead;
  entries(after: number, minSeq: number): EntriesResponse;
  announce(request: AnnounceUploadRequest): AnnounceUploadResponse;
  upload(uploadId: UploadId): UploadResponse;
  putPack(uploadId: UploadId, packId: PackId, pack: Uint8Array): PutPackResponse;
  commit(request: CommitRequest): CommitResponse;
  readBlocks(blocks: readonly CtHash[]): readonly (Uint8Array | null)[];
  versions(node: NodeId): VersionsResponse;
  retention(): RetentionResponse;
  setRetention(policy: RetentionPolicy | null): RetentionResponse;
  purge(node: NodeId, version: number | null): number;
  purgedAmong(nodes: readonly NodeId[]): readonly NodeId[];
  usage(): UsageResponse;
  /** Its clock counts entries: each is accepted at its own position. */
  times(asked: { readonly seqs: readonly number[] } | { readonly atMs: number }): TimesResponse;
}

export interface MemoryServer {
  /** Another object after the server was restored. */
  readonly journal: MemoryJournal;
  callsOf(device: DeviceId): ServerCalls;
  /** Hears every event with the device it is not meant for (its own doing), or null. */
  onEvent(listener: (event: ServerEvent, except: DeviceId | null) => void): void;
  head(): NamespaceHead;
  holds(ctHash: CtHash): boolean;
  blockCount(): number;
  heldBytes(): number;
  /** Called with a changeset before it is judged; what it answers is called if the changeset stands. */
  inspector: ((device: DeviceId, entry: ParsedChangeset) => () => void) | null;
  /** Uploads expire, then every block that no kept version holds is gone. Every second time nothing old and nothing deleted is kept. */
  collect(): void;
  /** Sealed bytes it will hold; more is refused. */
  quotaBytes: number;
  /** Remembers everything it holds now. */
  backUp(): void;
  /** Holds what it held at the last `backUp` again, under a new recovery epoch. */
  restore(): void;
  /** Outcomes of commits, for coverage: `committed`, `refused name-taken`, `behind` ... */
  readonly outcomes: ReadonlyMap<string, number>;
}

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
  let recoveryEpoch = 0;
  let backup: {
    readonly entries: readonly SignedEntry[];
    readonly stored: ReadonlyMap<CtHash, Uint8Array>;
    readonly referenced: ReadonlySet<CtHash>;
    readonly purgedNodes: ReadonlySet<NodeId>;
    readonly keptFrom: ReadonlyMap<NodeId, number>;
  } | null = null;
  const namespaceId = journal.namespaceId() as NamespaceId;
  const stored = new Map<CtHash, Uint8Array>();
  const uploads = new Map<UploadId, Upload>();
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
    return { namespaceId, ...journal.head(), recoveryEpoch };
  }

  function heldBytes(): number {
    let sum = 0;
    for (const sealed of stored.values()) sum += sealed.length;
    return sum;
  }

  function store(pack: Uint8Array, upload: Upload | undefined): number {
    const entries = readPack(pack);
    if (heldBytes() + pack.length > server.quotaBytes)
      throw new OnefoldError('quota-exceeded', 'there is no room for it');
    for (const { ctHash, offset, length } of entries) {
      const sealed = pack.slice(offset, offset + length);
      if (digestOf('sha256', sealed, 'hex') !== ctHash)
        throw new OnefoldError('pack-corrupt', 'a block is not its hash');
      stored.set(ctHash, sealed);
      upload?.pinned.add(ctHash);
    }
    return entries.length;
  }

  function announcement({ uploadId, device, nodes, state }: Upload): ServerEvent {
    return { event: 'uploading', namespaceId, device, uploadId, nodes, state };
  }

  function ownUpload(device: DeviceId, uploadId: UploadId): Upload {
    const upload = uploads.get(uploadId);
    if (upload?.device !== device) throw new OnefoldError('not-found', 'this device has no such upload');
    return upload;
  }

  function announce(device: DeviceId, request: AnnounceUploadRequest): AnnounceUploadResponse {
    let upload = [...uploads.values()].find((one) => one.device === device && one.opId === request.opId);
    if (upload?.state === 'expired') throw new OnefoldError('upload-expired', 'this upload has expired');
    if (upload === undefined) {
      const uploadId = sha256(new TextEncoder().encode(`${device} ${request.opId}`)).slice(0, 32) as UploadId;
      const { opId, nodes } = request;
      upload = { uploadId, opId, device, nodes, pinned: new Set(), state: 'pending', committed: null };
      uploads.set(uploadId, upload);
      listener(announcement(upload), device);
    }
    const missing = request.reused.filter((ctHash) => !stored.has(ctHash));
    for (const ctHash of request.reused) if (stored.has(ctHash)) upload.pinned.add(ctHash);
    return { uploadId: upload.uploadId, missing: [...new Set(missing)] };
  }

  function commit(device: DeviceId, request: CommitRequest): CommitResponse {
    const parsed = parseEntry(request.entry);
    if (parsed.header.device !== device)
      throw new OnefoldError('forbidden', 'an entry is committed by the device that signed it');
    const upload = request.uploadId === undefined ? undefined : uploads.get(request.uploadId);
    const operation = `${device} ${parsed.header.opId}`;
    const headerHash = sha256(parsed.raw.header);
    const repeated = committed.get(operation);
    if (repeated !== undefined) {
      if (repeated.headerHash !== headerHash)
        throw new OnefoldError('invalid-argument', 'the opId stands for another entry');
      count('repeated');
      return { outcome: 'committed', seq: repeated.seq, hash: repeated.hash };
    }
    if (request.pack !== undefined) store(request.pack.bytes, upload);
    if (parsed.type === 'changeset') {
      const changes = parsed.body.changes.flatMap((change) =>
        change.op === 'content'
          ? [change]
          : change.op === 'create' && change.content !== undefined
            ? [change.content]
            : [],
      );
      const missing = [...new Set(changes.flatMap(({ added }) => added.map(([ctHash]) => ctHash)))].filter(
        (one) => !stored.has(one),
      );
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
        if (upload !== undefined) listener(announcement(upload), device);
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

  function isHidden(node: NodeId): boolean {
    for (let at = node; at !== ROOT_NODE;) {
      const state = journal.nodes.get(at);
      if (state === undefined) return false;
      if (state.hidden) return true;
      at = state.parent;
    }
    return false;
  }

  /** Only the current versions of what is not deleted are kept. */
  function purgeHistory(): void {
    const uses = usesOf(journal);
    referenced = new Set();
    for (const { node, contentVersion } of journal.nodes.values()) {
      if (isHidden(node)) purgedNodes.add(node);
      else for (const ctHash of uses.get(node) ?? []) referenced.add(ctHash);
      keptFrom.set(node, isHidden(node) ? Infinity : contentVersion);
    }
    count('history purged');
  }

  function describeRetention(): RetentionResponse {
    const serverPolicy = { isThinned: false, versionDays: null, versionCount: null, trashDays: null };
    return { policy: chosen ?? serverPolicy, isDefault: chosen === null, serverPolicy };
  }

  const server: MemoryServer = {
    inspector: null,
    quotaBytes: Infinity,
    get journal() {
      return journal;
    },
    head,
    outcomes,
    holds: (ctHash) => stored.has(ctHash),
    blockCount: () => stored.size,
    heldBytes,
    onEvent(next) {
      listener = next;
    },
    collect() {
      for (const upload of uploads.values()) {
        if (upload.state === 'committed' || upload.state === 'expired') continue;
        upload.state = 'expired';
        listener(announcement(upload), upload.device);
      }
      if (++collections % 2 === 0) purgeHistory();
      for (const ctHash of [...stored.keys()]) if (!referenced.has(ctHash)) stored.delete(ctHash);
    },
    backUp() {
      backup = {
        entries: [...journal.entries],
        stored: new Map(stored),
        referenced: new Set(referenced),
        purgedNodes: new Set(purgedNodes),
        keptFrom: new Map(keptFrom),
      };
    },
    restore() {
      if (backup === null) return;
      journal = openJournal(backup.entries);
      recoveryEpoch++;
      stored.clear();
      for (const [ctHash, sealed] of backup.stored) stored.set(ctHash, sealed);
      referenced = new Set(backup.referenced);
      purgedNodes = new Set(backup.purgedNodes);
      keptFrom = new Map(backup.keptFrom);
      uploads.clear();
      committed.clear();
      listener({ event: 'head', head: head() }, null);
    },
    callsOf: (device) => ({
      head,
      entries(after, minSeq) {
        const { seq } = journal.head();
        if (seq < minSeq || after > seq)
          throw new OnefoldError('server-error', 'the caller has seen more than this server');
        const last = Math.min(seq, after + Math.min(pageEntries, LIMITS.entriesPerPage));
        const entries: EntriesResponse['entries'] = [];
        for (let at = after + 1; at <= last; at++) entries.push({ seq: at, ...journal.entries[at]! });
        return { head: head(), entries };
      },
      announce: (request) => announce(device, request),
      upload(uploadId) {
        const { state, pinned, committed: outcome } = ownUpload(device, uploadId);
        const held = [...pinned].filter((ctHash) => stored.has(ctHash));
        return { state, stored: held, ...(outcome === null ? {} : { committed: outcome }) };
      },
      putPack(uploadId, _packId, pack) {
        const upload = ownUpload(device, uploadId);
        if (upload.state === 'expired') throw new OnefoldError('upload-expired', 'this upload has expired');
        return { stored: store(pack, upload), state: upload.state };
      },
      commit: (request) => commit(device, request),
      readBlocks: (blocks) => blocks.map((ctHash) => stored.get(ctHash) ?? null),
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
        if (version !== null || !isHidden(node))
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

/** Blocks of the current version of every node. */
function usesOf(journal: MemoryJournal): ReadonlyMap<NodeId, ReadonlySet<CtHash>> {
  const uses = new Map<NodeId, Set<CtHash>>();
  for (const raw of journal.entries.slice(1)) {
    const entry = parseEntry(raw);
    if (entry.type !== 'changeset') continue;
    for (const change of entry.body.changes) {
      const content = change.op === 'content' ? change : change.op === 'create' ? change.content : undefined;
      if (content === undefined) continue;
      const blocks = uses.get(change.node) ?? new Set<CtHash>();
      for (const [ctHash] of content.added) blocks.add(ctHash);
      for (const ctHash of content.dropped) blocks.delete(ctHash);
      uses.set(change.node, blocks);
    }
  }
  return uses;
}

function versionsOf(journal: MemoryJournal, node: NodeId): VersionsResponse['versions'] {
  const versions: VersionsResponse['versions'] = [];
  journal.entries.forEach((raw, seq) => {
    if (seq === 0) return;
    const entry = parseEntry(raw);
    if (entry.type !== 'changeset') return;
    for (const change of entry.body.changes) {
      if (change.node !== node) continue;
      const sealed =
        change.op === 'content' ? change.sealed : change.op === 'create' ? change.content?.sealed : undefined;
      if (sealed === undefined) continue;
      const { epoch, device } = entry.header;
      versions.push({ version: versions.length + 1, seq, epoch, device, acceptedAtMs: seq, sealed });
    }
  });
  return versions;
}
