export { entryHash, linkHash, namespaceIdOf, nextHash, sha256, u64, userIdOf } from './hashes.ts';
export { ed25519PublicKey, ed25519Sign, ed25519Verify } from './ed25519.ts';
export type {
  ParsedChangeset,
  ParsedEntry,
  ParsedEpoch,
  ParsedGenesis,
  ParsedMember,
  ParsedPin,
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
  Membership,
  NeedKey,
  NeedValue,
  NodeState,
  PartialView,
  ViewCache,
} from './entry-view.ts';
export { createViewCache, needKeyText } from './view-cache.ts';
export type { BlockChange, CheckResult, Effects } from './check-result.ts';
export { needs } from './needs.ts';
export { check } from './check.ts';
export { createMemoryJournal, type MemoryJournal } from './memory-journal.ts';
