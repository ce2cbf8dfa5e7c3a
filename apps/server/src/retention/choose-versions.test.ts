import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RetentionPolicy } from '@onefold/protocol';
import { versionsToPurge, type KeptVersion } from './choose-versions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = 20_000 * DAY_MS;
const EVERYTHING: RetentionPolicy = { isThinned: false, versionDays: null, versionCount: null, trashDays: null };

function agesMs(...ages: number[]): KeptVersion[] {
  return ages.map((ageMs, i) => ({ version: i + 1, acceptedAtMs: NOW_MS - ageMs }));
}

test('a policy without limits lets nothing go', () => {
  expect(versionsToPurge(agesMs(900 * DAY_MS, 2 * HOUR_MS, 1, 0), EVERYTHING, NOW_MS)).toEqual([]);
});

test('thinning keeps all of a day, then the newest of each hour, day and week', () => {
  const policy = { ...EVERYTHING, isThinned: true };
  const versions = agesMs(
    ...[40 * DAY_MS + 3, 40 * DAY_MS + 2],
    ...[10 * DAY_MS - 1, 10 * DAY_MS - HOUR_MS],
    ...[2 * DAY_MS - 1, 2 * DAY_MS - 60_000, 2 * DAY_MS - HOUR_MS - 1],
    ...[3 * HOUR_MS, 3 * HOUR_MS - 1, 0],
  );
  expect(versionsToPurge(versions, policy, NOW_MS)).toEqual([1, 3, 5]);
});

test('days count from when a version was replaced, not from when it was written', () => {
  const policy = { ...EVERYTHING, versionDays: 30 };
  expect(versionsToPurge(agesMs(900 * DAY_MS, 40 * DAY_MS, 1 * DAY_MS), policy, NOW_MS)).toEqual([1]);
});

test('of many the newest so many stay, the current one counted', () => {
  expect(versionsToPurge(agesMs(5, 4, 3, 2, 1), { ...EVERYTHING, versionCount: 2 }, NOW_MS)).toEqual([1, 2, 3]);
});

test('whatever the policy: the current version stays, and a second run takes nothing that the first one left', () => {
  const limit = fc.option(fc.integer({ min: 1, max: 60 }), { nil: null });
  const policies = fc.record({ isThinned: fc.boolean(), versionDays: limit, versionCount: limit, trashDays: limit });
  const ages = fc.array(fc.integer({ min: -DAY_MS, max: 100 * DAY_MS }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(ages, policies, (found, policy) => {
      const versions = agesMs(...found.sort((a, b) => b - a));
      const doomed = new Set(versionsToPurge(versions, policy, NOW_MS));
      expect(doomed.has(versions.length)).toBe(false);
      const left = versions.filter(({ version }) => !doomed.has(version));
      // Without the versions between, a version counts as replaced later: it is younger than before, never older.
      expect(versionsToPurge(left, policy, NOW_MS)).toEqual([]);
    }),
  );
});
