import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  check,
  createViewCache,
  isLoneMove,
  needs,
  nextHash,
  parseEntry,
  type ParsedEntry,
  type UserChain,
  type ViewCache,
} from '@onefold/journal';
import {
  LIMITS,
  OnefoldError,
  type CommitRequest,
  type CommitResponse,
  type CtHash,
  type ErrorCode,
  type Hash,
  type NamespaceHead,
  type NamespaceId,
  type Refusal,
  type UserId,
} from '@onefold/protocol';
import { readAccess, type NamespaceAccess } from '../accounts/access.ts';
import { lockLimitedOwners, noRoom } from '../accounts/quota.ts';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_STORED } from '../metadata/tables.ts';
import { writeOrUndo } from '../metadata/write-or-undo.ts';
import { recordPacks, type PackRecord } from '../packs/record-packs.ts';
import { markCommitted, type UploadNotice } from '../uploads/upload-state.ts';
import { mustWrite } from '../uploads/uploads.ts';
import { findRepeated, type Repeated } from './find-repeated.ts';
import { loadNeeds } from './load-view.ts';
import { writeEffects } from './write-effects.ts';

type Decision =
  | {
      readonly outcome: 'committed';
      readonly head: NamespaceHead;
      readonly prevHash: Hash;
      readonly notice: UploadNotice | undefined;
      readonly member: UserId | undefined;
    }
  | Repeated
  | Refused;

type Refused =
  | { readonly outcome: 'refused'; readonly refusals: readonly Refusal[]; readonly head: NamespaceHead }
  | { readonly outcome: 'blocks-missing'; readonly missing: readonly CtHash[]; readonly head: NamespaceHead }
  | { readonly outcome: 'error'; readonly code: ErrorCode; readonly message: string };

export type EntryDecision =
  | {
      readonly outcome: 'written';
      readonly head: NamespaceHead;
      readonly epoch: number;
      readonly prevHash: Hash;
      /** Whose membership the entry changed. */
      readonly member: UserId | undefined;
    }
  | Refused;

/** Author, members, and the tree with all ancestors of what is asked: a predicate that still asks is broken. */
const MAX_ROUNDS = 20;
const NODES_PER_STATEMENT = 500;

/**
 * Puts a signed entry at head + 1, or says why not. Everything is decided inside one transaction that holds the namespace: what the predicate reads
 * cannot change before the entry stands. A repeated request (same device, opId and header) gets the first one's answer.
 *
 * Throws `behind`, the predicate's own codes for entries no honest author makes, `forbidden` for another device's entry, and what access throws.
 */
export async function commitEntry(
  context: ServerContext,
  caller: NamespaceAccess,
  request: CommitRequest,
): Promise<CommitResponse> {
  // Decoding, parsing and judging a thousand changes are tens of milliseconds each: others get their turn between them.
  await nextTurn();
  const parsed = parseEntry(request.entry);
  await nextTurn();
  if (parsed.type === 'genesis')
    throw new OnefoldError('journal-invalid', 'a genesis opens a namespace and is not committed to one');
  if (parsed.header.device !== caller.device)
    throw new OnefoldError('forbidden', 'an entry is committed by the device that signed it');
  const namespace = caller.head.namespaceId;
  const kept = await keepPack(context, caller, request.pack).catch((failure: unknown) => ({ failure }));
  const pack = kept !== undefined && 'failure' in kept ? undefined : kept;

  let packRecord: PackRecord | undefined;
  const work = async (writer: Writer): Promise<Decision> => {
    const { quotaBytesPerUser } = context.config;
    if (pack !== undefined) await lockLimitedOwners(writer, context.metadata.sql, [namespace], quotaBytesPerUser);
    await context.metadata.sql.lockNamespace(writer, idBytes(namespace));
    const nowMs = context.nowMs();
    const access = await readAccess(writer, context.metadata.sql, caller.tokenHash, namespace, nowMs);
    const repeated = await findRepeated(writer, namespace, parsed);
    // What stands is told first, whatever is the matter with the repeated request by now: a full disk, another role.
    if (repeated !== undefined) return repeated;
    if (kept !== undefined && 'failure' in kept) throw kept.failure;
    if (pack !== undefined) mustWrite(access);
    // Packs stay whatever becomes of the entry, so a refused author need not send them again: hence no throw below.
    if (pack !== undefined)
      [packRecord] = await recordPacks(writer, context.metadata.sql, [pack], {
        nowMs: () => nowMs,
        graceMs: context.config.collection.graceMs,
        quotaBytesPerUser,
      });
    if (packRecord === 'no-room') return { outcome: 'error', code: 'quota-exceeded', message: noRoom().message };
    return decide(context, writer, access, parsed, request, nowMs);
  };
  const decision = await context.turns.run(namespace, () =>
    writeOrUndo(context.metadata, work, async () => {
      if (pack !== undefined) await context.intake.settle(pack, 'redundant');
    }),
  );
  if (pack !== undefined) await context.intake.settle(pack, packRecord ?? 'redundant');

  context.metrics.commit(decision.outcome);
  switch (decision.outcome) {
    case 'error':
      throw new OnefoldError(decision.code, decision.message);
    case 'refused':
      return { outcome: 'refused', refusals: [...decision.refusals], head: decision.head };
    case 'blocks-missing':
      return { outcome: 'blocks-missing', missing: [...decision.missing], head: decision.head };
    case 'repeated':
      return { outcome: 'committed', seq: decision.seq, hash: decision.hash };
    case 'committed': {
      const { head, prevHash, notice } = decision;
      context.entries.put(namespace, head.recoveryEpoch, {
        seq: head.seq,
        entry: request.entry,
        prevHash,
        hash: head.hash,
      });
      if (decision.member !== undefined) context.bus.publish({ kind: 'membership', user: decision.member });
      context.bus.publish({ kind: 'head', head });
      if (notice !== undefined) context.bus.publish({ kind: 'uploading', event: notice });
      return { outcome: 'committed', seq: head.seq, hash: head.hash };
    }
  }
}

async function keepPack(context: ServerContext, caller: NamespaceAccess, pack: CommitRequest['pack']) {
  if (pack === undefined) return undefined;
  mustWrite(caller);
  return context.intake.keepInline(caller, pack.packId, pack.bytes);
}

/** What the predicate says of an entry in this transaction, and, where it may stand, everything it changes. */
export async function decideEntry(
  context: ServerContext,
  writer: Writer,
  { head, epoch }: Pick<NamespaceAccess, 'head' | 'epoch'>,
  parsed: ParsedEntry,
  nowMs: number,
  chain: (user: UserId, n: number) => Promise<UserChain | undefined>,
): Promise<EntryDecision> {
  const { sql } = context.metadata;
  const view = createViewCache({ namespaceId: head.namespaceId, head, epoch });
  const mostNodes = isLoneMove(parsed) ? LIMITS.nodesPerMove : LIMITS.nodesPerEntry;
  const budget = { nodes: mostNodes };
  const source = { reader: writer, sql, namespace: head.namespaceId, budget, chain };
  for (let round = 0, wanted = needs(parsed, view); wanted.length > 0; wanted = needs(parsed, view)) {
    if (++round > MAX_ROUNDS)
      return { outcome: 'error', code: 'internal', message: 'the predicate does not come to an end' };
    if (!(await loadNeeds(source, wanted, view))) return tooManyNodes(parsed, view, mostNodes);
  }
  if (parsed.type === 'checkpoint' && view.has({ kind: 'root' }) && view.root() === undefined)
    return { outcome: 'error', code: 'behind', message: 'this server is still going through the journal' };
  const result = check(parsed, view);
  if (result.outcome === 'invalid') return { outcome: 'error', code: result.code, message: result.message };
  if (result.outcome === 'behind')
    return { outcome: 'error', code: 'behind', message: 'the base of this entry is too old to decide on' };
  if (result.outcome === 'refused') return { outcome: 'refused', refusals: result.refusals, head };

  const purged = await findPurged(writer, head.namespaceId, parsed);
  if (purged.length > 0) return { outcome: 'refused', refusals: purged, head };

  const { effects } = result;
  const added = effects.blocks.flatMap((change) => change.added);
  const lacking = await findLacking(writer, sql, head.namespaceId, added);
  if (lacking === 'wrong-length')
    return { outcome: 'error', code: 'journal-invalid', message: 'a block is not as long as the entry says' };
  if (lacking.length > 0) return { outcome: 'blocks-missing', missing: lacking, head };

  const seq = head.seq + 1;
  const hash = nextHash(head.hash, seq, parsed.hash);
  await writeEffects(writer, sql, {
    namespace: head.namespaceId,
    parsed,
    effects,
    seq,
    prevHash: head.hash,
    hash,
    nowMs,
  });
  return {
    outcome: 'written',
    head: { ...head, seq, hash },
    epoch: effects.epoch ?? epoch,
    prevHash: head.hash,
    member: effects.member?.user,
  };
}

/** Where what others changed since is part of it, the author needs only to look again. */
function tooManyNodes(parsed: ParsedEntry, view: ViewCache, mostNodes: number): Refused {
  const seq = parsed.type === 'genesis' ? -1 : parsed.header.baseSeq;
  const isOfOthers = view.has({ kind: 'changed-after', seq }) && view.changedAfter(seq).length > 0;
  if (isOfOthers)
    return { outcome: 'error', code: 'behind', message: 'too much has changed since the base of this entry' };
  const message = `more than ${mostNodes} nodes have to be looked at for this entry`;
  return { outcome: 'error', code: 'nested-too-deep', message };
}

async function decide(
  context: ServerContext,
  writer: Writer,
  access: NamespaceAccess,
  parsed: ParsedEntry,
  request: CommitRequest,
  nowMs: number,
): Promise<Decision> {
  const chain = context.chains.reaching.bind(undefined, writer);
  const decision = await decideEntry(context, writer, access, parsed, nowMs, chain);
  if (decision.outcome !== 'written') return decision;
  const { head, prevHash, member } = decision;
  const notice =
    request.uploadId === undefined
      ? undefined
      : await markCommitted(writer, head.namespaceId, request.uploadId, access.device, head);
  return { outcome: 'committed', head, prevHash, notice, member };
}

/** Nodes that this entry would show again, and that are no longer whole: their authors send what they have as something new. */
async function findPurged(writer: Writer, namespace: NamespaceId, parsed: ParsedEntry): Promise<Refusal[]> {
  if (parsed.type !== 'changeset') return [];
  const shown = parsed.body.changes.flatMap((change, index) =>
    change.op === 'place' && !change.hidden ? [{ index, node: change.node }] : [],
  );
  const purged = new Set<string>();
  for (let at = 0; at < shown.length; at += NODES_PER_STATEMENT) {
    const rows = await writer
      .selectFrom('node')
      .select('node')
      .where('namespace', '=', idBytes(namespace))
      .where(
        'node',
        'in',
        shown.slice(at, at + NODES_PER_STATEMENT).map(({ node }) => idBytes(node)),
      )
      .where('purge_state', 'is not', null)
      .execute();
    for (const row of rows) purged.add(idOf(row.node));
  }
  return shown.filter(({ node }) => purged.has(node)).map((one) => ({ ...one, reason: 'blocks-missing' as const }));
}

/** Blocks of `added` that are not stored here. A condemned block counts as missing. */
async function findLacking(
  writer: Writer,
  sql: SqlDialect,
  namespace: NamespaceId,
  added: readonly (readonly [CtHash, number])[],
): Promise<CtHash[] | 'wrong-length'> {
  const key = idBytes(namespace);
  const wanted = new Map(added);
  const rows = await sql.findMany(
    writer,
    'block',
    ['ct_hash', 'state', 'length_bytes'],
    ['namespace', 'ct_hash'],
    [...wanted.keys()].map((ctHash) => [key, idBytes(ctHash)]),
  );
  const lengths = new Map(
    rows.filter((row) => row.state === BLOCK_STORED).map((row) => [idOf<CtHash>(row.ct_hash), row.length_bytes]),
  );
  if (added.some(([ctHash, length]) => (lengths.get(ctHash) ?? length) !== length)) return 'wrong-length';
  return [...wanted.keys()].filter((ctHash) => !lengths.has(ctHash));
}
