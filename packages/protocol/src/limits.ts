/** Limits both sides check. Sizes in bytes. A change here is a change of the protocol. */
export const MIB = 1024 * 1024;

export const LIMITS = {
  changesPerEntry: 1_000,
  entryBytes: 4 * MIB,
  packBytes: 8 * MIB,
  /** A block's plaintext is at most the splitter's max; the sealed form is a little larger. */
  sealedBlockBytes: 4 * MIB + 640 * 1024,
  inlinePackBytes: 1 * MIB,
  blocksPerPack: 16_384,
  blocksPerRead: 4_096,
  entriesPerPage: 1_000,
  pageBytes: 8 * MIB,
  sealedPartBytes: 1 * MIB,
  nameBytes: 1_024,
  linkBytes: 64 * 1024,
  chainLinksPerAppend: 16,
  /** References beyond this many live in sealed manifest blocks of their own. */
  inlineReferences: 1_024,
  /** Lost versions that a content says were overlooked: the youngest. */
  unseenVersions: 8,
  /** A changeset's base lies at most this many entries below the head. Clients keep as many H_n. */
  baseAgeEntries: 1_000,
  /** A delete is decided only if at most this many nodes changed after its base. */
  changedNodesAfterBase: 10_000,
  /** Nodes that are looked at for one entry: those it changes, and all above them. */
  nodesPerEntry: 10_000,
  /** The same for an entry that does nothing but move or delete one node: what came to lie too deep, by moves of what is above it, can be taken out. */
  nodesPerMove: 20_000,
  /** Nodes of one page of a snapshot, which is also bounded by `pageBytes`. */
  snapshotNodesPerPage: 1_000,
  /** Uses of lost blocks in one answer. */
  lostBlocksPerPage: 4_096,
  /** Positions of one answer about what was skipped. */
  skippedPerPage: 20_000,
} as const;

/** Version of the wire protocol this code speaks, and the oldest it accepts from a peer. */
export const PROTOCOL_VERSION = 1;
export const MIN_PROTOCOL_VERSION = 1;
