import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCbor } from './cbor.ts';
import { decodeCanonicalWire } from './wire.ts';

const schema = z.object({ known: z.int(), inner: z.array(z.object({ a: z.int() })) });

describe('fields of newer versions in signed things', () => {
  it('are left out where they are not critical', () => {
    const bytes = encodeCbor({ known: 1, inner: [{ a: 1, later: true }], later: 2 });
    expect(decodeCanonicalWire(schema, bytes)).toEqual({ known: 1, inner: [{ a: 1 }] });
  });

  it.each([
    ['at the top', { known: 1, inner: [], '!later': 2 }],
    ['inside a list', { known: 1, inner: [{ a: 1, '!later': 2 }] }],
    ['inside an unknown field', { known: 1, inner: [], later: { '!deep': 1 } }],
  ])('stop a reader where they are critical: %s', (_where, value) => {
    expect(() => decodeCanonicalWire(schema, encodeCbor(value))).toThrow(
      expect.objectContaining({ code: 'unsupported-version' }),
    );
  });
});
