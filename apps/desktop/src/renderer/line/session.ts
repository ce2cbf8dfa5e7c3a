import { createControlClient } from '@onefold/control';
import type { Activity, CallArgs, CallName, CallResult, Carrier, ControlClient } from '@onefold/control';
import { EMPTY_MODEL, change } from '../model/model.ts';
import type { Change, Model } from '../model/model.ts';

export interface SessionParts {
  readonly openCarrier: () => Carrier;
  /** Whether whoever shows the page starts the engine again when it ends, as the desktop window does. */
  readonly isEngineRestarted: boolean;
  readonly nowMs: () => number;
  /** @returns a function that calls it off */
  readonly after: (delayMs: number, work: () => void) => () => void;
}

export interface Session {
  readonly isEngineRestarted: boolean;
  readonly model: () => Model;
  /** @returns a function that takes the listener away again */
  readonly subscribe: (listener: () => void) => () => void;
  /** Rejects with an OnefoldError. */
  readonly call: <N extends CallName>(name: N, args: CallArgs<N>) => Promise<CallResult<N>>;
  readonly loadEarlierActivity: () => Promise<void>;
  readonly close: () => void;
}

export const ACTIVITY_PAGE_LENGTH = 100;
const DEVICES_EVERY_MS = 10_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/** Keeps a line to the daemon open, follows its events and holds what the page knows. Never throws by itself. */
export function openSession(parts: SessionParts): Session {
  const listeners = new Set<() => void>();
  let model = EMPTY_MODEL;
  let client: ControlClient | null = null;
  let failures = 0;
  let callOff: () => void = () => undefined;
  let isClosed = false;

  function apply(by: Change): void {
    model = change(model, by);
    for (const listener of [...listeners]) listener();
  }

  function open(): void {
    const line = createControlClient(parts.openCarrier());
    client = line;
    line.on('status', (status) => apply({ kind: 'status', status }));
    // What is told before the newest page has come waits for it.
    let early: Activity[] | null = [];
    line.on('activity', ({ items }) => {
      if (early === null) apply({ kind: 'activity-new', items });
      else early.push(...items);
    });
    line.on('setup', ({ setup }) => {
      const isNew = model.setup?.kind !== 'done' && setup.kind === 'done';
      if (setup.kind !== 'done') callOff();
      apply({ kind: 'setup', setup });
      if (isNew) void begin(line, () => undefined);
    });
    line.on('throughput', (sample) => apply({ kind: 'throughput', sample, nowMs: parts.nowMs() }));
    line.on('conflicts', () => apply({ kind: 'conflicts' }));
    line.on('uploading', (uploading) => apply({ kind: 'uploading', uploading, nowMs: parts.nowMs() }));
    line.onClose(() => {
      if (client !== line) return;
      client = null;
      callOff();
      if (isClosed) return;
      failures += 1;
      // A first attempt that fails once may be a daemon that is just starting.
      if (model.line !== 'connecting' || failures > 2) apply({ kind: 'line-ended' });
      callOff = parts.after(Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS), open);
    });
    void begin(line, () => {
      const items = early ?? [];
      early = null;
      if (items.length > 0) apply({ kind: 'activity-new', items });
    });
  }

  async function begin(line: ControlClient, applyEarly: () => void): Promise<void> {
    try {
      const { setup } = await line.call('setup', {});
      apply({ kind: 'setup', setup });
      if (setup.kind !== 'done') {
        failures = 0;
        applyEarly();
        apply({ kind: 'line-opened' });
        return;
      }
      const [status, page] = await Promise.all([
        line.call('status', {}),
        line.call('activity', { limit: ACTIVITY_PAGE_LENGTH }),
      ]);
      failures = 0;
      apply({ kind: 'status', status });
      apply({ kind: 'activity-newest', items: page.items, isLast: page.items.length < ACTIVITY_PAGE_LENGTH });
      applyEarly();
      apply({ kind: 'line-opened' });
      void followDevices(line);
    } catch {
      // Either the line ended, and onClose tries again, or the daemon cannot answer: then trying again is all there is, too.
      line.close();
    }
  }

  async function followDevices(line: ControlClient): Promise<void> {
    try {
      const { devices } = await line.call('devices', {});
      apply({ kind: 'devices', devices, nowMs: parts.nowMs() });
    } catch {
      // What was known stays; asked again below while the line is open.
    }
    if (client === line) callOff = parts.after(DEVICES_EVERY_MS, () => void followDevices(line));
  }

  async function loadEarlierActivity(): Promise<void> {
    const before = model.activity.at(-1)?.id;
    const page = await call('activity', { limit: ACTIVITY_PAGE_LENGTH, before });
    apply({ kind: 'activity-earlier', items: page.items, isLast: page.items.length < ACTIVITY_PAGE_LENGTH });
  }

  function call<N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResult<N>> {
    // With no line at all a closed one gives the right error.
    return (client ?? closedClient()).call(name, args);
  }

  open();
  return {
    isEngineRestarted: parts.isEngineRestarted,
    model: () => model,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call,
    loadEarlierActivity,
    close() {
      isClosed = true;
      callOff();
      client?.close();
    },
  };
}

function closedClient(): ControlClient {
  return createControlClient({
    send: () => undefined,
    onMessage: () => undefined,
    close: () => undefined,
    onClose: (listener) => listener(),
  });
}
