import { MessageChannelMain } from 'electron';
import { createControlClient } from '@onefold/control';
import type { Activity, ControlClient, Status } from '@onefold/control';
import { createPortCarrier } from '@onefold/host';
import type { EngineProcess } from './engine-process.ts';

export interface EngineNews {
  /** Null when the engine does not run. */
  readonly onStatus: (status: Status | null) => void;
  /** What was in the feed before, oldest first. */
  readonly onFeed: (items: readonly Activity[]) => void;
  /** What is new in the feed. */
  readonly onActivity: (items: readonly Activity[]) => void;
}

/** The main process's own line to the engine, joined anew whenever there is another engine. */
export interface EngineLine {
  /** Null while no engine runs. */
  readonly client: () => ControlClient | null;
  readonly join: () => void;
}

const FIRST_ACTIVITIES = 20;

/*
 *   apart --join--> joined --(line ended)--> apart
 */
export function createEngineLine(engine: EngineProcess, { onStatus, onFeed, onActivity }: EngineNews): EngineLine {
  let current: ControlClient | null = null;

  function join(): void {
    if (current !== null) return;
    const { port1, port2 } = new MessageChannelMain();
    if (!engine.join(port1)) {
      port2.close();
      return;
    }
    const client = createControlClient(createPortCarrier(port2));
    current = client;
    let isFeedRead = false;
    // The feed of a folder can be read once the folder is open; at rest they all are.
    const hear = (status: Status): void => {
      onStatus(status);
      if (isFeedRead || status.state !== 'idle') return;
      isFeedRead = true;
      client.call('activity', { limit: FIRST_ACTIVITIES }).then(
        ({ items }) => onFeed([...items].reverse()),
        () => undefined,
      );
    };
    client.on('status', hear);
    client.on('activity', ({ items }) => onActivity(items));
    client.onClose(() => {
      if (current === client) current = null;
      onStatus(null);
    });
    // A line that ends meanwhile has said so by its end.
    client.call('status', {}).then(hear, () => undefined);
  }

  return { client: () => current, join };
}
