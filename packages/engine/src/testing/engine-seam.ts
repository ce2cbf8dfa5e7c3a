/*
 * What the simulation asks of an engine. One place, so that the world does not depend on the engine's own surface.
 */
import type { NamespaceId } from '@onefold/protocol';
import type { RelPath } from '../core/tree.ts';
import type { Ports } from '../ports.ts';

export interface SimEngine {
  start(): Promise<void>;
  stop(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  scan(): Promise<void>;
  /** Resolves when the engine says that nothing is left to do. `attention` when something needs a person. */
  syncWait(): Promise<'idle' | 'attention' | 'offline' | 'paused' | 'timeout' | 'held-elsewhere'>;
  /** As a person wishes; what cannot be is refused. */
  select(path: RelPath, becomes: 'ticked' | 'unticked'): Promise<void>;
  /** Everything is to be here. */
  tickAll(): Promise<void>;
  /** Makes one side like the other, in a folder that goes one way. */
  settleOneWay(): Promise<number>;
  /** A rule leaves what stands there as it is. */
  isFrozen(path: RelPath): Promise<boolean>;
  isIdle(): boolean;
  /** Answers whatever waits for a person's yes. */
  confirmAll(): Promise<void>;
  /** Its state in words, for reports of failures. */
  describe(): string;
}

export type EngineFactory = (
  ports: Ports,
  device: { readonly name: string; readonly namespaceId: NamespaceId },
) => SimEngine;
