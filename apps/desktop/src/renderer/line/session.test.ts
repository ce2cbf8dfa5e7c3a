import { OnefoldError, createCarrierPair } from '@onefold/control';
import type { Carrier } from '@onefold/control';
import { describe, expect, test, vi } from 'vitest';
import { playScene } from '../fixtures/fake-daemon.ts';
import type { FakeDaemon } from '../fixtures/fake-daemon.ts';
import { setScene } from '../fixtures/scenes.ts';
import type { SceneName } from '../fixtures/scenes.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';

/** How long what should come is waited for. */
const PATIENCE_MS = 15_000;

interface Play {
  readonly session: Session;
  readonly daemon: FakeDaemon;
  /** Ends the line from the daemon's side. */
  readonly cut: () => void;
  readonly runTimers: () => void;
  readonly delaysMs: number[];
  /** While false, every line ends as soon as it is opened. */
  isUp: boolean;
}

function play(scene: SceneName): Play {
  const daemon = playScene(setScene(scene, 1_000_000));
  const timers: (() => void)[] = [];
  const open: Carrier[] = [];
  const delaysMs: number[] = [];
  const state = { isUp: true };
  const session = openSession({
    openCarrier() {
      const [near, far] = createCarrierPair();
      if (state.isUp) {
        open.push(far);
        daemon.server.serve(far);
      } else far.close();
      return near;
    },
    isEngineRestarted: false,
    nowMs: () => 1_000_000,
    after(delayMs, work) {
      delaysMs.push(delayMs);
      timers.push(work);
      return () => timers.splice(timers.indexOf(work) >>> 0, 1);
    },
  });
  return Object.assign(state, {
    session,
    daemon,
    delaysMs,
    cut: () => open.splice(0).forEach((carrier) => carrier.close()),
    runTimers: () => timers.splice(0).forEach((work) => work()),
  });
}

describe('session', () => {
  test('opens with status, activity and devices, and follows events', async () => {
    const { session, daemon } = play('idle');
    expect(session.model().line).toBe('connecting');
    await vi.waitFor(() => expect(session.model().devices).toHaveLength(3), PATIENCE_MS);
    expect(session.model()).toMatchObject({ line: 'open', status: { state: 'idle' }, hasEarlierActivity: false });
    daemon.setStatus({ state: 'offline' });
    await vi.waitFor(() => expect(session.model().status?.state).toBe('offline'), PATIENCE_MS);
    session.close();
  });

  test('a line that ends is opened again, each time a little later, and everything is asked for anew', async () => {
    const world = play('idle');
    await vi.waitFor(() => expect(world.session.model().line).toBe('open'), PATIENCE_MS);
    world.isUp = false;
    world.cut();
    await vi.waitFor(() => expect(world.session.model().line).toBe('lost'), PATIENCE_MS);
    world.delaysMs.length = 0;
    for (let attempt = 0; attempt < 7; attempt++) {
      world.runTimers();
      await vi.waitFor(() => expect(world.delaysMs).toHaveLength(attempt + 1), PATIENCE_MS);
    }
    expect(world.delaysMs).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000]);
    expect(world.session.model()).toMatchObject({ line: 'lost', status: { state: 'idle' } });
    world.isUp = true;
    world.daemon.setStatus({ state: 'syncing', pending: 1 });
    world.runTimers();
    await vi.waitFor(() => expect(world.session.model().line).toBe('open'), PATIENCE_MS);
    expect(world.session.model().status?.state).toBe('syncing');
    world.session.close();
  });

  test('while the line is down a call fails at once instead of hanging', async () => {
    const world = play('idle');
    world.isUp = false;
    await vi.waitFor(() => expect(world.session.model().line).toBe('open'), PATIENCE_MS);
    world.cut();
    await vi.waitFor(() => expect(world.session.model().line).toBe('lost'), PATIENCE_MS);
    await expect(world.session.call('pause', {})).rejects.toMatchObject({ code: 'daemon-not-running' });
    world.session.close();
  });

  test('earlier activity comes page by page to the first item', async () => {
    const { session } = play('long');
    await vi.waitFor(() => expect(session.model().activity).toHaveLength(100), PATIENCE_MS);
    await session.loadEarlierActivity();
    expect(session.model().activity).toHaveLength(200);
    expect(session.model().activity.at(-1)?.id).toBe('l199');
    expect(session.model().hasEarlierActivity).toBe(true);
    session.close();
  });

  test('a refusal reaches the caller with its code', async () => {
    const { session, daemon } = play('empty');
    await vi.waitFor(() => expect(session.model().line).toBe('open'), PATIENCE_MS);
    daemon.refuseAdd = new OnefoldError('root-nested', 'inside another one');
    await expect(session.call('add', { path: '/a' })).rejects.toMatchObject({ code: 'root-nested' });
    session.close();
  });

  test('closing it leaves no timer and opens nothing any more', async () => {
    const world = play('idle');
    await vi.waitFor(() => expect(world.session.model().devices).toHaveLength(3), PATIENCE_MS);
    world.session.close();
    const lines = world.daemon.server.connectionCount();
    world.runTimers();
    await vi.waitFor(() => expect(world.daemon.server.connectionCount()).toBe(0), PATIENCE_MS);
    expect(lines).toBeLessThanOrEqual(1);
  });
});
