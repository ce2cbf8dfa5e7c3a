import type {
  ChangesetBody,
  CheckpointBody,
  EpochBody,
  GenesisBody,
  GenesisHeader,
  Hash,
  LaterHeader,
  MemberBody,
  PinBody,
  SignedEntry,
} from '@onefold/protocol';

interface Parsed<T extends string, H, B> {
  readonly type: T;
  readonly header: H;
  readonly body: B;
  /** entryHash: SHA-256(header || signature). */
  readonly hash: Hash;
  /** The bytes as received; what is stored and served on. */
  readonly raw: SignedEntry;
}

export type ParsedGenesis = Parsed<'genesis', GenesisHeader, GenesisBody>;
export type ParsedMember = Parsed<'member', LaterHeader, MemberBody>;
export type ParsedEpoch = Parsed<'epoch', LaterHeader, EpochBody>;
export type ParsedPin = Parsed<'pin', LaterHeader, PinBody>;
export type ParsedChangeset = Parsed<'changeset', LaterHeader, ChangesetBody>;
export type ParsedCheckpoint = Parsed<'checkpoint', LaterHeader, CheckpointBody>;

/** A decoded entry whose body is the one its header names. Nothing else about it has been checked. */
export type ParsedEntry = ParsedGenesis | ParsedMember | ParsedEpoch | ParsedPin | ParsedChangeset | ParsedCheckpoint;

/** Whether all it does is move, rename, delete or bring back one node. */
export function isLoneMove(entry: ParsedEntry): boolean {
  return entry.type === 'changeset' && entry.body.changes.length === 1 && entry.body.changes[0]?.op === 'place';
}
