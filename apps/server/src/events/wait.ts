import type { NamespaceHead, NamespaceId, ServerEvent } from '@onefold/protocol';
import type { Caller } from '../accounts/access.ts';
import type { ServerContext } from '../context.ts';

/** Without a recovery epoch (older callers) the number alone is compared. */
export interface Position {
  readonly seq: number;
  readonly recoveryEpoch: number | undefined;
}

export interface WaitFor {
  /** Positions the caller has; a namespace that is not named counts from its present head. */
  readonly after: ReadonlyMap<NamespaceId, Position>;
  /** Chain length the caller has; undefined = does not ask. */
  readonly chainLength: number | undefined;
  readonly timeoutMs: number;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
}

/** Events that come close together are answered together. */
const GATHER_MS = 10;

/** Long poll: answers with events as soon as there are some, or with none when the time is up. */
export async function waitForEvents(
  context: ServerContext,
  caller: Caller,
  wanted: WaitFor,
  chainLength: number,
): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const isNews = (event: ServerEvent): boolean =>
    event.event !== 'head' || isPast(event.head, wanted.after.get(event.head.namespaceId));
  const subscription = await context.events.subscribe({
    user: caller.user,
    device: caller.device,
    deliver(event) {
      if (!isNews(event) || events.length >= 1_000) return;
      events.push(event);
      setTimeout(wake, GATHER_MS);
    },
    end: wake,
  });
  for (const head of subscription.heads) {
    const after = wanted.after.get(head.namespaceId);
    if (after !== undefined && isPast(head, after)) events.push({ event: 'head', head });
  }
  if (wanted.chainLength !== undefined && chainLength > wanted.chainLength)
    events.push({ event: 'chain', chainLength });
  if (events.length === 0 && !wanted.signal.aborted) {
    const timer = setTimeout(wake, wanted.timeoutMs);
    wanted.signal.addEventListener('abort', wake, { once: true });
    await woken;
    clearTimeout(timer);
  }
  subscription.close();
  return latest(events);
}

function isPast(head: NamespaceHead, after: Position | undefined): boolean {
  if (after === undefined) return true;
  return isNewer(head, { ...head, seq: after.seq, recoveryEpoch: after.recoveryEpoch ?? head.recoveryEpoch });
}

/** Of several heads of one namespace the newest: they may have come out of order. */
export function latest(events: readonly ServerEvent[]): ServerEvent[] {
  const heads = new Map<string, Extract<ServerEvent, { event: 'head' }>>();
  for (const event of events) {
    if (event.event !== 'head') continue;
    const known = heads.get(event.head.namespaceId);
    if (known === undefined || isNewer(event.head, known.head)) heads.set(event.head.namespaceId, event);
  }
  return [...events.filter((event) => event.event !== 'head'), ...heads.values()];
}

/** A restored server counts on in a higher recovery epoch, whatever its length. */
export function isNewer(head: NamespaceHead, known: NamespaceHead): boolean {
  return head.recoveryEpoch === known.recoveryEpoch ? head.seq > known.seq : head.recoveryEpoch > known.recoveryEpoch;
}
