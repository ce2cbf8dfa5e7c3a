import { check, createViewCache, needs, parseEntry, type UserChain } from '@onefold/journal';
import { OnefoldError, type Hash, type NamespaceHead, type NamespaceId, type SignedEntry } from '@onefold/protocol';
import { recordAudit } from '../accounts/audit.ts';
import type { ServerContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import type { Writer } from '../metadata/database.ts';
import { emptyTreeSum } from './fold-nodes.ts';
import { loadNeeds } from './load-view.ts';
import { insertEntry, writeMember } from './write-effects.ts';

/**
 * Opens a namespace with its genesis, in the caller's transaction. `chain` is the owner's, verified, with the links this transaction appends. Throws
 * `journal-invalid`, `forbidden`, or what the predicate says.
 */
export async function createNamespace(
  context: ServerContext,
  writer: Writer,
  chain: UserChain,
  genesis: SignedEntry,
  nowMs: number,
): Promise<NamespaceHead> {
  const { sql } = context.metadata;
  const parsed = parseEntry(genesis);
  if (parsed.type !== 'genesis') throw new OnefoldError('journal-invalid', 'a namespace begins with a genesis');
  if (parsed.body.owner !== chain.user) throw new OnefoldError('forbidden', 'a namespace is opened by its owner');
  const namespace = parsed.hash as string as NamespaceId;
  const view = createViewCache({ head: { seq: -1, hash: '' as Hash }, epoch: 0 });
  // It asks for no node.
  const source = { reader: writer, sql, namespace, budget: { nodes: 0 }, chain: () => Promise.resolve(chain) };
  for (
    let wanted = needs(parsed, view), round = 0;
    wanted.length > 0 && round < 100;
    wanted = needs(parsed, view), round++
  )
    await loadNeeds(source, wanted, view);
  const result = check(parsed, view);
  if (result.outcome === 'invalid') throw new OnefoldError(result.code, result.message);
  if (result.outcome !== 'accepted' || result.effects.member === undefined)
    throw new OnefoldError('journal-invalid', 'this genesis opens no namespace');
  const hash = parsed.hash;
  await sql.insertMany(writer, 'namespace', [
    {
      namespace: idBytes(namespace),
      head_seq: 0,
      head_hash: idBytes(hash),
      epoch: result.effects.epoch ?? parsed.header.epoch,
      recovery_epoch: 0,
      quota_bytes: null,
      stored_bytes: 0,
      created_at_ms: nowMs,
      truncated_seq: -1,
      lost_revision: 0,
    },
  ]);
  await insertEntry(writer, sql, { namespace, parsed, seq: 0, prevHash: hash, hash, nowMs });
  await sql.insertMany(writer, 'tree_sum', [emptyTreeSum(namespace)]);
  await writeMember(writer, sql, namespace, result.effects.member);
  await recordAudit(
    writer,
    sql,
    { action: 'namespace-created', user: chain.user, device: parsed.header.device, namespace },
    nowMs,
  );
  return { namespaceId: namespace, seq: 0, hash, recoveryEpoch: 0 };
}
