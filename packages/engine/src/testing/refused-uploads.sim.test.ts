/* Uploads that the server does not take: the file waits, people are told where it is for good, nothing is lost, and everything else goes on. */
import { OnefoldError, type ErrorCode } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { Remote } from '../ports.ts';
import { onDevice } from './incident-story.ts';
import { tell, type Scenario } from './scenario.ts';
import { createSimEngineFor } from './sim-engine.ts';

/** So much rides along with a commit here, with what lies around it; */
const INLINE_BYTES = 1_500;
/** this is more, */
const BYTES = 1_900;
/** and this travels beside the cycles. */
const LARGE_BYTES = 9_000;
const CALLS = ['announce', 'putPack'] as const;
const FOR_GOOD = ['pack-corrupt', 'invalid-argument', 'block-too-large', 'forbidden'] as const;
const FOR_NOW = ['upload-expired', 'too-many-requests', 'not-found', 'server-error'] as const;
const MINUTES_MS = 60_000;

/** A server that refuses one of the calls of an upload, as the first device sees it, for as long as `code` is set. */
async function refusing(
  call: (typeof CALLS)[number],
): Promise<{ s: Scenario; server: { code: ErrorCode | null; refused: number } }> {
  const server = { code: null as ErrorCode | null, refused: 0 };
  const refuse = (): void => {
    if (server.code === null) return;
    server.refused++;
    throw new OnefoldError(server.code, 'refused by the story');
  };
  const refused = (remote: Remote): Remote => ({
    ...remote,
    inBulk: () => refused(remote.inBulk()),
    async announce(...args) {
      if (call === 'announce') refuse();
      return remote.announce(...args);
    },
    async putPack(...args) {
      if (call === 'putPack') refuse();
      return remote.putPack(...args);
    },
  });
  const s = await tell(
    createSimEngineFor(() => 'two-way', undefined, INLINE_BYTES),
    2,
    {},
    false,
    onDevice(0, (ports) => ({ ...ports, remote: refused(ports.remote) })),
  );
  await s.write(0, 'a', 1);
  await s.settle();
  return { s, server };
}

const attentionOf = (s: Scenario) => s.world.devices[0]!.store.allAttention();

describe.each(CALLS)('what the server does not take at %s', (call) => {
  test.each(FOR_GOOD)('for good (%s) waits alone and is told by name; the rest goes on both ways', async (code) => {
    const { s, server } = await refusing(call);
    server.code = code;
    await s.write(0, 'b', 2, BYTES);
    await s.write(0, 'c', 3);
    await s.run(5 * MINUTES_MS);
    await s.write(0, 'd', 4);
    await s.write(1, 'e', 5);
    await s.run(10 * MINUTES_MS);
    expect(s.shows(1)).toEqual({ a: 1, c: 3, d: 4, e: 5 });
    expect(s.shows(0)).toEqual({ a: 1, b: 2, c: 3, d: 4, e: 5 });
    expect(attentionOf(s)).toMatchObject([{ code: 'change-refused', path: 'b' }]);
    expect(server.refused).toBeLessThan(40);
    server.code = null;
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 1, b: 2, c: 3, d: 4, e: 5 });
    expect(attentionOf(s)).toEqual([]);
  });

  test.each(FOR_NOW)('for now (%s) is sent again ever more seldom, and nobody is asked', async (code) => {
    const { s, server } = await refusing(call);
    server.code = code;
    await s.write(0, 'b', 2, BYTES);
    await s.run(10 * MINUTES_MS);
    expect(attentionOf(s)).toEqual([]);
    expect(server.refused).toBeLessThan(60);
    server.code = null;
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 1, b: 2 });
  });

  test('of a large file leaves the others alone', async () => {
    const { s, server } = await refusing(call);
    server.code = 'pack-corrupt';
    await s.write(0, 'b', 2, LARGE_BYTES);
    await s.run(MINUTES_MS);
    await s.write(0, 'c', 3);
    await s.run(5 * MINUTES_MS);
    expect(s.shows(1)).toEqual({ a: 1, c: 3 });
    expect(attentionOf(s)).toMatchObject([{ code: 'change-refused', path: 'b' }]);
    server.code = null;
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 1, b: 2, c: 3 });
    expect(attentionOf(s)).toEqual([]);
  });
});
