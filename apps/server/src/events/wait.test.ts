import { expect, test } from 'vitest';
import type { Hash, NamespaceId, ServerEvent } from '@onefold/protocol';
import { latest } from './wait.ts';

function head(seq: number, recoveryEpoch = 0): ServerEvent {
  const namespaceId = 'a'.repeat(64) as NamespaceId;
  return { event: 'head', head: { namespaceId, seq, hash: 'b'.repeat(64) as Hash, recoveryEpoch } };
}

test('of heads that came out of order the newest is told', () => {
  expect(latest([head(3), head(5), head(4)])).toEqual([head(5)]);
  expect(latest([head(9), head(2, 1), head(7)])).toEqual([head(2, 1)]);
});

test('other events stay as they came', () => {
  const chain: ServerEvent = { event: 'chain', chainLength: 3 };
  expect(latest([chain, head(1), chain])).toEqual([chain, chain, head(1)]);
});
