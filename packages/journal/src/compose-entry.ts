import {
  changesetBodySchema,
  checkpointBodySchema,
  encodeWire,
  epochBodySchema,
  memberBodySchema,
  pinBodySchema,
  type ChangesetBody,
  type CheckpointBody,
  type EpochBody,
  type LaterHeader,
  type MemberBody,
  type PinBody,
  type SignedEntry,
} from '@onefold/protocol';
import { sha256 } from './hashes.ts';
import { signEntry } from './sign-entry.ts';

const BODIES = {
  changeset: changesetBodySchema,
  member: memberBodySchema,
  epoch: epochBodySchema,
  pin: pinBodySchema,
  checkpoint: checkpointBodySchema,
} as const;

interface Bodies {
  changeset: ChangesetBody;
  member: MemberBody;
  epoch: EpochBody;
  pin: PinBody;
  checkpoint: CheckpointBody;
}

/** Encodes a body, names it in the header and signs. Throws `invalid-argument` for what does not fit the schemas. */
export function composeEntry<T extends keyof Bodies>(
  type: T,
  body: Bodies[T],
  header: Omit<LaterHeader, 'format' | 'type' | 'changesHash'>,
  sign: (message: Uint8Array) => Uint8Array,
): SignedEntry {
  const bytes = encodeWire(BODIES[type], body);
  return signEntry(sign, { format: 1, type, changesHash: sha256(bytes), ...header }, bytes);
}
