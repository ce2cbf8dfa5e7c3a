import { concatBytes, encodeCbor, decodeCbor, LIMITS, ROOT_NODE, type SignedEntry } from '@onefold/protocol';
import { describe, expect, it } from 'vitest';
import { sha256 } from './hashes.ts';
import { annsWorld, create, LAPTOP } from './journal-fixture.ts';
import { parseEntry } from './parse-entry.ts';

const world = annsWorld();
const entry = world.changeset(LAPTOP, [create('f', ROOT_NODE)]);

function codeOf(raw: SignedEntry): string {
  try {
    parseEntry(raw);
    return 'parsed';
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

/** The entry with a changed body, which the header names. */
function withBody(body: Uint8Array, patch: object = {}): SignedEntry {
  const header = decodeCbor(entry.header) as Record<string, unknown>;
  return { ...entry, body, header: encodeCbor({ ...header, changesHash: Buffer.from(sha256(body), 'hex'), ...patch }) };
}

describe('an entry is refused', () => {
  it('when its body is not the one the header names', () => {
    expect(codeOf(entry)).toBe('parsed');
    const body = entry.body.slice();
    body[body.length - 1] = 1;
    expect(codeOf({ ...entry, body })).toBe('journal-invalid');
  });

  it('when it is not deterministic CBOR', () => {
    expect(codeOf(withBody(concatBytes(entry.body, Uint8Array.of(0))))).toBe('journal-invalid');
    expect(codeOf({ ...entry, header: concatBytes(entry.header, Uint8Array.of(0)) })).toBe('journal-invalid');
    expect(codeOf({ ...entry, header: new Uint8Array() })).toBe('journal-invalid');
  });

  it('when it is too large or holds too many changes', () => {
    const large = (count: number) =>
      world.changeset(
        LAPTOP,
        Array.from({ length: count }, (_, i) => ({
          ...create(`${i}`, ROOT_NODE, 'folder'),
          place: new Uint8Array(LIMITS.sealedPartBytes),
        })),
      );
    expect(codeOf(large(3))).toBe('parsed');
    expect(codeOf(large(4))).toBe('journal-invalid');
    expect(() =>
      world.changeset(LAPTOP, [{ ...create('f'), place: new Uint8Array(LIMITS.sealedPartBytes + 1) }]),
    ).toThrow();
    const changes = (decodeCbor(entry.body) as { changes: unknown[] }).changes;
    expect(codeOf(withBody(encodeCbor({ changes: Array(1_001).fill(changes[0]) })))).toBe('journal-invalid');
    expect(codeOf(withBody(encodeCbor({ changes: [] })))).toBe('journal-invalid');
  });

  it('as too new, not as false, when its format, type or a critical field is not known', () => {
    expect(codeOf(withBody(entry.body, { format: 2 }))).toBe('unsupported-version');
    expect(codeOf(withBody(entry.body, { type: 'later' }))).toBe('unsupported-version');
    expect(codeOf(withBody(entry.body, { type: 'mark' }))).toBe('unsupported-version');
    expect(codeOf(withBody(entry.body, { '!later': 1 }))).toBe('unsupported-version');
    expect(codeOf(withBody(encodeCbor({ ...(decodeCbor(entry.body) as object), '!later': 1 })))).toBe(
      'unsupported-version',
    );
    expect(codeOf(withBody(entry.body, { later: 1 }))).toBe('parsed');
  });

  it('when a later entry has the header of a genesis or the other way round', () => {
    expect(codeOf(withBody(entry.body, { type: 'genesis' }))).toBe('journal-invalid');
    const { namespaceId: _, ...header } = decodeCbor(entry.header) as Record<string, unknown>;
    expect(codeOf({ ...entry, header: encodeCbor(header) })).toBe('journal-invalid');
  });
});
