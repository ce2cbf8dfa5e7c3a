import { sha256, type ParsedEntry } from '@onefold/journal';
import type { Hash, NamespaceId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Writer } from '../metadata/database.ts';

export interface Repeated {
  readonly outcome: 'repeated';
  readonly seq: number;
  readonly hash: Hash;
}

interface OpIdUsed {
  readonly outcome: 'error';
  readonly code: 'invalid-argument';
  readonly message: string;
}

/** Only commits are remembered: after a refusal the author signs anew, under another opId. */
export async function findRepeated(
  writer: Writer,
  namespace: NamespaceId,
  parsed: ParsedEntry,
): Promise<Repeated | OpIdUsed | undefined> {
  const operation = (table: 'entry' | 'entry_stub') =>
    writer
      .selectFrom(table)
      .select(['seq', 'hash', 'header_hash'])
      .where('namespace', '=', idBytes(namespace))
      .where('device', '=', idBytes(parsed.header.device))
      .where('op_id', '=', idBytes(parsed.header.opId));
  const row = await operation('entry').unionAll(operation('entry_stub')).executeTakeFirst();
  if (row === undefined) return undefined;
  if (idOf<Hash>(row.header_hash) !== sha256(parsed.raw.header))
    return { outcome: 'error', code: 'invalid-argument', message: 'the opId stands for another entry of this device' };
  return { outcome: 'repeated', seq: row.seq, hash: idOf<Hash>(row.hash) };
}
