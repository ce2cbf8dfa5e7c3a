import type { NamespaceId } from '@onefold/protocol';
import type { MetadataDatabase } from '../metadata/database.ts';
import { accessFrom, queryAccess, type AccessRow, type NamespaceAccess } from './access.ts';

/*
 * The head read that every call about a namespace begins with. Reads that come while others run are gathered and asked together:
 *
 *   gathering  -> a lane is free -> sent     nobody joins any more: what was sent may have been decided before a newcomer's call began
 *   sent       -> answered       -> each caller gets the state of one moment after its call began
 */
export interface HeadReads {
  /** Throws as readAccess, and `server-error` when the database cannot prove to be the primary. */
  read(tokenHash: Uint8Array, namespace: NamespaceId, nowMs: number): Promise<NamespaceAccess>;
}

/** Batches under way at once. */
const LANES = 4;

interface Batch {
  readonly wanted: { readonly tokenHash: Uint8Array; readonly namespace: NamespaceId }[];
  readonly answer: Promise<readonly AccessRow[]>;
  readonly settle: (rows: Promise<readonly AccessRow[]>) => void;
}

export function createHeadReads(metadata: MetadataDatabase): HeadReads {
  let gathering: Batch | undefined;
  let running = 0;

  function send(): void {
    if (gathering === undefined || running >= LANES) return;
    const batch = gathering;
    gathering = undefined;
    running++;
    const rows = ask(metadata, batch.wanted).finally(() => {
      running--;
      send();
    });
    batch.settle(rows);
  }

  return {
    async read(tokenHash, namespace, nowMs) {
      if (gathering === undefined) {
        gathering = newBatch();
        // Calls that arrive in the same turn go together.
        setImmediate(send);
      }
      gathering.wanted.push({ tokenHash, namespace });
      return accessFrom(await gathering.answer, tokenHash, namespace, nowMs);
    },
  };
}

function newBatch(): Batch {
  let settle: Batch['settle'] = () => undefined;
  const answer = new Promise<readonly AccessRow[]>((resolve) => {
    settle = resolve;
  });
  return { wanted: [], answer, settle };
}

async function ask(metadata: MetadataDatabase, wanted: Batch['wanted']): Promise<readonly AccessRow[]> {
  const rows = await queryAccess(metadata.read, metadata.sql, wanted);
  await metadata.confirmPrimary(rows[0]?.instance);
  return rows;
}
