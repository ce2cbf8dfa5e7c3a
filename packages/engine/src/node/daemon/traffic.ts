import { limitsAt, type Limits } from '../../core/limits.ts';
import type { Clock } from '../../ports.ts';
import type { Pace } from '../remote/pace.ts';
import type { Settings } from './settings.ts';

/** Hours are in minutes; what a connection costs seldom changes unnoticed. */
const LOOK_MS = 15_000;

/** Keeps the pace of this device at what its settings, the hour and the connection allow. */
export interface Traffic {
  /** Why nothing may go at present, though nobody paused it. */
  heldBy(): Limits['heldBy'];
  /** The settings changed, or the network may have. */
  look(settings?: Settings): Promise<void>;
  close(): void;
}

export function createTraffic(options: {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly settings: Settings;
  readonly askMetered: () => Promise<boolean>;
  readonly onHeld: (heldBy: Limits['heldBy']) => void;
}): Traffic {
  const { clock, pace } = options;
  let settings = options.settings;
  let heldBy: Limits['heldBy'] = null;
  const closing = new AbortController();

  async function look(): Promise<void> {
    const { is, then } = settings.metered;
    const isMetered = is === 'yes' || (is === 'ask-system' && then !== 'go-on' && (await options.askMetered()));
    if (closing.signal.aborted) return;
    const now = new Date(clock.nowMs());
    const limits = limitsAt(settings, { day: now.getDay(), minute: now.getHours() * 60 + now.getMinutes() }, isMetered);
    pace.up.setRate(limits.upBytesPerSecond);
    pace.down.setRate(limits.downBytesPerSecond);
    if (limits.heldBy === heldBy) return;
    heldBy = limits.heldBy;
    options.onHeld(heldBy);
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await look();
      await clock.sleep(LOOK_MS, closing.signal);
    }
  }

  void run();
  return {
    heldBy: () => heldBy,
    look(next) {
      settings = next ?? settings;
      return look();
    },
    close: () => closing.abort(),
  };
}
