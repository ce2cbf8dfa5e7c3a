import { createControlClient } from '@onefold/control';
import type { Carrier } from '@onefold/control';
import { openControlSocket } from '@onefold/host';
import type { HostedEngine } from './host.ts';

/**
 * Speaks to the daemon of a home in the engine's place: each line to a page is passed on over a line of its own. The daemon stays when this
 * ends. Rejects with `daemon-not-running`.
 */
export async function attachToDaemon(home: string): Promise<HostedEngine> {
  // One line that only listens: its end is the daemon's.
  const watch = createControlClient(await openControlSocket(home));
  return {
    serve(page) {
      const early: string[] = [];
      page.onMessage((message) => early.push(message));
      openControlSocket(home).then(
        (daemon) => {
          for (const message of early) daemon.send(message);
          joinCarriers(page, daemon);
        },
        () => page.close(),
      );
    },
    gone: new Promise<void>((resolve) => watch.onClose(resolve)),
    close: async () => watch.close(),
  };
}

/** What either side says the other hears, and the end of one is the end of both. */
export function joinCarriers(one: Carrier, other: Carrier): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.onMessage((message) => to.send(message));
    from.onClose(() => to.close());
  }
}
