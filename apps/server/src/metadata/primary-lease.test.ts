import { expect, test } from 'vitest';
import { createPrimaryLease } from './primary-lease.ts';

function setUp() {
  const state = { nowMs: 0, instance: 1, isReplicating: true, writes: 0 };
  const lease = createPrimaryLease({
    leaseMs: 9_000,
    nowMs: () => state.nowMs,
    write: () => {
      state.writes++;
      return state.isReplicating ? Promise.resolve(state.instance) : Promise.reject(new Error('no standby'));
    },
  });
  return { state, lease };
}

test('one proof serves until its time is up', async () => {
  const { state, lease } = setUp();
  await lease.confirm(1);
  state.nowMs = 8_999;
  await lease.confirm(1);
  expect(state.writes).toBe(1);
  state.nowMs = 9_000;
  await lease.confirm(1);
  expect(state.writes).toBe(2);
  await lease.close();
});

test('a server that no longer replicates is not believed once the proof is old', async () => {
  const { state, lease } = setUp();
  await lease.confirm(1);
  state.isReplicating = false;
  state.nowMs = 9_001;
  await expect(lease.confirm(1)).rejects.toThrow('no standby');
  await lease.close();
});

test('a restarted server proves itself before anything it shows is believed', async () => {
  const { state, lease } = setUp();
  await lease.confirm(1);
  state.instance = 2;
  state.isReplicating = false;
  await expect(lease.confirm(2)).rejects.toThrow('no standby');
  state.isReplicating = true;
  await lease.confirm(2);
  await lease.close();
});

test('what an old primary still answers is refused when writes go to another', async () => {
  const { state, lease } = setUp();
  await lease.confirm(1);
  state.instance = 2;
  state.nowMs = 10_000;
  await expect(lease.confirm(1)).rejects.toMatchObject({ code: 'server-error' });
  await lease.close();
});

test('a commit that no standby confirmed ends the proof, and one that is being written then proves nothing', async () => {
  const begun = Promise.withResolvers<void>();
  const written = Promise.withResolvers<number>();
  let writes = 0;
  const lease = createPrimaryLease({
    leaseMs: 9_000,
    nowMs: () => 0,
    write() {
      if (++writes === 1) return Promise.resolve(1);
      if (writes > 2) return Promise.reject(new Error('no standby'));
      begun.resolve();
      return written.promise;
    },
  });
  await lease.confirm(1);
  lease.revoke();
  expect(lease.isReady()).toBe(false);
  const asked = lease.confirm(1).then(
    () => 'believed',
    (thrown: unknown) => (thrown as { code?: unknown }).code,
  );
  await begun.promise;
  // What this one wrote lies before the commit in doubt.
  lease.revoke();
  written.resolve(1);
  expect(await asked).toBe('server-error');
  expect(lease.isReady()).toBe(false);
  await expect(lease.confirm(1)).rejects.toThrow('no standby');
  await expect(lease.ready()).rejects.toThrow('no standby');
  await lease.close();
});
