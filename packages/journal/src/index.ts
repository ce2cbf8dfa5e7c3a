export { entryHash, linkHash, namespaceIdOf, nextHash, sha256, u64, userIdOf, writeU64 } from './hashes.ts';
export { ed25519PublicKey, ed25519Sign, ed25519Verify } from './ed25519.ts';
export {
  isLoneMove,
  type ParsedChangeset,
  type ParsedCheckpoint,
  type ParsedEntry,
  type ParsedEpoch,
  type ParsedGenesis,
  type ParsedMember,
  type ParsedPin,
} from './parsed-entry.ts';
export { parseEntry } from './parse-entry.ts';
export { signEntry, verifyEntrySignature } from './sign-entry.ts';
export { composeEntry } from './compose-entry.ts';
export {
  generationAt,
  isDeviceActive,
  isPinOf,
  type ChainDevice,
  type ChainGeneration,
  type PinnedNamespace,
  type UserChain,
} from './user-chain.ts';
export { extendChain, verifyChain } from './verify-chain.ts';
export { CHAIN_DOMAIN, signLink } from './sign-link.ts';
export { NO_HASH, chainLink, parseLink, type ParsedLink } from './chain-link.ts';
export type {
  EntryView,
  HeadPosition,
  LastEntries,
  LastEntry,
  Membership,
  NeedKey,
  NeedValue,
  NodeState,
  PartialView,
  TreeRoot,
  ViewCache,
} from './entry-view.ts';
export { createViewCache, needKeyText } from './view-cache.ts';
export type { BlockChange, CheckResult, Effects } from './check-result.ts';
export { needs } from './needs.ts';
export { check } from './check.ts';
export { checkpointOf } from './check-checkpoint.ts';
export { digestsOf, leafOf, placeDigest, registerDigest, rowsAfter, type NodeDigests } from './node-leaf.ts';
export { changeSum, NO_NODES, rootOf, type TreeSum } from './tree-sum.ts';
export { createMemoryJournal, type MemoryJournal } from './memory-journal.ts';
