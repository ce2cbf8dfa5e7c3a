import type { CtHash, DeviceId, ErrorCode, NodeId, Refusal } from '@onefold/protocol';
import type { Membership, NodeState } from './entry-view.ts';

/** Which sealed blocks a node's new content version starts and stops to use. */
export interface BlockChange {
  readonly node: NodeId;
  /** The content version that this entry makes. */
  readonly version: number;
  /** Sealed block and its length in bytes. */
  readonly added: readonly (readonly [CtHash, number])[];
  readonly dropped: readonly CtHash[];
}

/** What an accepted entry changes. The caller applies it with the new head, all in one transaction. */
export interface Effects {
  /** Position the entry gets: head + 1. */
  readonly seq: number;
  /** New visible state of every touched node. */
  readonly nodes: ReadonlyMap<NodeId, NodeState>;
  readonly blocks: readonly BlockChange[];
  readonly member?: Membership;
  /** The epoch in force from the next entry on, when it changes. */
  readonly epoch?: number;
  readonly device: DeviceId;
  readonly deviceSeq: number;
}

/**
 * - `accepted`: apply the effects.
 * - `refused`: an honest author lost a race; lists every failing change.
 * - `behind`: the base (or epoch) is too old to decide on; the author reads on and signs anew.
 * - `invalid`: no honest author makes such an entry.
 * For a client that replays committed entries everything but `accepted` means that the server misbehaved: it stops and nothing is applied.
 */
export type CheckResult =
  | { readonly outcome: 'accepted'; readonly effects: Effects }
  | { readonly outcome: 'refused'; readonly refusals: readonly Refusal[] }
  | { readonly outcome: 'behind' }
  | { readonly outcome: 'invalid'; readonly code: ErrorCode; readonly message: string };
