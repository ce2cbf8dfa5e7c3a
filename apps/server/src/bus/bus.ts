import type { NamespaceHead, ServerEvent, UserId } from '@onefold/protocol';

/** A wake-up. It is a hint: losing one costs delay, never correctness. */
export type BusMessage =
  | { readonly kind: 'head'; readonly head: NamespaceHead }
  | { readonly kind: 'uploading'; readonly event: Extract<ServerEvent, { event: 'uploading' }> }
  | { readonly kind: 'chain'; readonly user: UserId; readonly chainLength: number }
  /** The user joined or left a namespace. */
  | { readonly kind: 'membership'; readonly user: UserId };

/** Carries wake-ups to every node of the server, this one included. */
export interface Bus {
  /** Never throws; delivery is asynchronous, in order for one publisher. */
  publish(message: BusMessage): void;
  /** Returns the end of the subscription. A listener that throws does not disturb others. */
  subscribe(listener: (message: BusMessage) => void): () => void;
  close(): Promise<void>;
}
