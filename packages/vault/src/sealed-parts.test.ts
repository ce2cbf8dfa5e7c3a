import {
  encodeCbor,
  type BlockId,
  type ContentId,
  type CtHash,
  type NamespaceId,
  type NodeId,
} from '@onefold/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAttributes, sealAttributes, type Attributes } from './attributes-part.ts';
import { contentIdOf, decodeReferences, encodeReferences, type BlockReference } from './block-references.ts';
import { SEAL_OVERHEAD_BYTES, sealCommitted } from './committed-aead.ts';
import { openContent, sealContent, type Content } from './content-part.ts';
import { deriveNamespaceKeys, nameTag, type NamespaceKeys } from './namespace-keys.ts';
import { isName, openPlace, placeMatches, sealPlace } from './place-part.ts';
import { sealPart, type PartPosition } from './sealed-part.ts';
import { openLabel, sealLabel } from './upload-label.ts';
import { codeOf, fixedRandom, flips, KEYS, NAMESPACE_SECRETS, NODE } from './vault-fixture.ts';

const AT: PartPosition = { node: NODE, version: 3, epoch: 1 };
const random = fixedRandom('parts');
const bytes = (text: string) => new TextEncoder().encode(text);

function reference(label: string, plainLength = 1_000): BlockReference {
  const id = Buffer.from(fixedRandom(label)(32)).toString('hex');
  return { epoch: 1, blockId: id as BlockId, ctHash: id as CtHash, ctLength: plainLength + 60, plainLength };
}

function file(
  references: BlockReference[],
): Content & { references: readonly BlockReference[]; size: number; contentId: ContentId } {
  const size = references.reduce((sum, one) => sum + one.plainLength, 0);
  return { kind: 'file', size, contentId: contentIdOf(references), references };
}

const CONTENT = file([reference('a'), reference('b', 7), reference('c')]);
const ATTRIBUTES: Attributes = { mtimeNs: 1_700_000_000_123_456_789n, mode: 0o644, authoredAtMs: 1_700_000_000_500 };

/** One of each kind: how it is sealed and opened. */
const PARTS = [
  {
    type: 'place',
    seal: (at: PartPosition) => sealPlace(KEYS, at, { name: bytes('report.txt') }, random),
    open: openPlace,
  },
  { type: 'content', seal: (at: PartPosition) => sealContent(KEYS, at, CONTENT, random), open: openContent },
  {
    type: 'attributes',
    seal: (at: PartPosition) => sealAttributes(KEYS, at, ATTRIBUTES, random),
    open: openAttributes,
  },
] as const;

describe.each(PARTS)('a sealed $type part', ({ type, seal, open }) => {
  const sealed = seal(AT);
  const opens = (part: Uint8Array, at: PartPosition = AT, keys: NamespaceKeys = KEYS) =>
    codeOf(() => open(keys, at, part));

  it('opens where it belongs', () => {
    expect(opens(sealed)).toBe('no error');
  });

  it('does not open with any byte changed, cut off or added', () => {
    for (const changed of flips(sealed)) expect(opens(changed)).toBe('seal-corrupt');
    for (let length = 0; length < sealed.length; length += 7)
      expect(opens(sealed.subarray(0, length))).toBe('seal-corrupt');
    expect(opens(Buffer.concat([sealed, Buffer.alloc(1)]))).toBe('seal-corrupt');
  });

  it('does not open for another node, version, epoch or namespace', () => {
    expect(opens(sealed, { ...AT, node: '0c'.repeat(16) as NodeId })).toBe('seal-corrupt');
    expect(opens(sealed, { ...AT, version: 4 })).toBe('seal-corrupt');
    expect(opens(sealed, { ...AT, epoch: 0 })).toBe('seal-corrupt');
    const elsewhere = deriveNamespaceKeys({ ...NAMESPACE_SECRETS, namespaceId: 'a2'.repeat(32) as NamespaceId });
    expect(opens(sealed, AT, elsewhere)).toBe('seal-corrupt');
    expect(opens(sealed, { ...AT, epoch: 2 })).toBe('key-missing');
  });

  it('is bound to its epoch by more than the key', () => {
    const [, secret] = [...NAMESPACE_SECRETS.epochs][1] ?? [];
    if (secret === undefined) throw new Error('no epoch');
    const sameKeys = deriveNamespaceKeys({ ...NAMESPACE_SECRETS, epochs: new Map([[0, secret]]) });
    expect(opens(sealed, { ...AT, epoch: 0 }, sameKeys)).toBe('seal-corrupt');
  });

  it('does not open as another register', () => {
    for (const other of PARTS)
      if (other.type !== type) expect(codeOf(() => other.open(KEYS, AT, sealed))).toBe('seal-corrupt');
    const { placeKey } = KEYS.epoch(1);
    const sameKey = { ...KEYS, epoch: () => ({ ...KEYS.epoch(1), contentKey: placeKey, attributesKey: placeKey }) };
    const place = PARTS[0].seal(AT);
    if (type !== 'place') expect(opens(place, AT, sameKey)).toBe('seal-corrupt');
  });

  it('never looks twice the same, and hides its length in steps', () => {
    expect(seal(AT)).not.toEqual(seal(AT));
    expect(sealed.length).toBeGreaterThanOrEqual(256);
  });
});

describe('padding', () => {
  it('makes parts of 256 bytes of all that fits, and Padme lengths above', () => {
    const lengths = new Set<number>();
    for (let length = 1; length <= 1_024; length++)
      lengths.add(sealPlace(KEYS, AT, { name: new Uint8Array(length).fill(97) }, random).length);
    expect([...lengths]).toEqual([
      256, 272, 288, 304, 320, 336, 352, 368, 384, 400, 416, 432, 448, 464, 480, 496, 512, 544, 576, 608, 640, 672, 704,
      736, 768, 800, 832, 864, 896, 928, 960, 992, 1024, 1088, 1152,
    ]);
  });

  it('must be zeros, and the length within', () => {
    const map = encodeCbor({ name: bytes('x') });
    expect(codeOf(() => openPlace(KEYS, AT, sealFrame(map)))).toBe('no error');
    expect(codeOf(() => openPlace(KEYS, AT, sealFrame(map, { lastByte: 1 })))).toBe('seal-corrupt');
    for (const declaredLength of [0, map.length - 1, map.length + 1, 180, 2 ** 32 - 1]) {
      expect(codeOf(() => openPlace(KEYS, AT, sealFrame(map, { declaredLength })))).toBe('seal-corrupt');
    }
    const filling = encodeCbor({ name: new Uint8Array(171).fill(97) });
    expect(filling.length).toBe(179);
    expect(codeOf(() => openPlace(KEYS, AT, sealFrame(filling, { lastByte: 97 })))).toBe('no error');
    const over = { declaredLength: 180, lastByte: 97 };
    expect(codeOf(() => openPlace(KEYS, AT, sealFrame(filling, over)))).toBe('seal-corrupt');
    for (const value of [[1], 'text', bytes('bytes'), null, 5]) {
      expect(codeOf(() => openPlace(KEYS, AT, sealFrame(encodeCbor(value))))).toBe('seal-corrupt');
    }
  });
});

describe('a place', () => {
  it('keeps the exact bytes of a name', () => {
    const name = fc.uint8Array({ minLength: 1, maxLength: 1_024 }).filter((one) => isName(one));
    fc.assert(
      fc.property(name, (one) => {
        expect(openPlace(KEYS, AT, sealPlace(KEYS, AT, { name: one })).name).toEqual(one);
      }),
    );
  });

  it.each(['', '.', '..', 'a/b', '/', 'a\0', '../../etc/passwd', 'x'.repeat(1_025)])(
    'is refused for the name %j, sealed or opened',
    (name) => {
      expect(codeOf(() => sealPlace(KEYS, AT, { name: bytes(name) }))).toBe('invalid-argument');
      const hostile = sealPart(KEYS.epoch(1).placeKey, 'place', KEYS.namespaceId, AT, { name: bytes(name) }, random);
      expect(codeOf(() => openPlace(KEYS, AT, hostile))).toBe('seal-corrupt');
    },
  );

  it.each(['...', '.a', 'a.', '..a', 'ü', 'con', 'a\\b', ' ', '\x01'])('may have the name %j', (name) => {
    expect(openPlace(KEYS, AT, sealPlace(KEYS, AT, { name: bytes(name) })).name).toEqual(bytes(name));
  });

  it('matches its visible half by the tag of parent and name', () => {
    const parent = NODE;
    const place = { name: bytes('a') };
    expect(placeMatches(KEYS, { parent, nameTag: nameTag(KEYS, parent, bytes('a')) }, place)).toBe(true);
    expect(placeMatches(KEYS, { parent, nameTag: nameTag(KEYS, parent, bytes('b')) }, place)).toBe(false);
    expect(
      placeMatches(KEYS, { parent: '0c'.repeat(16) as NodeId, nameTag: nameTag(KEYS, parent, bytes('a')) }, place),
    ).toBe(false);
  });

  it('keeps fields of newer versions and stops at critical ones', () => {
    const place = { name: bytes('a'), unknown: { later: [1, { deep: bytes('x') }] } };
    expect(openPlace(KEYS, AT, sealPlace(KEYS, AT, place))).toEqual(place);
    expect(codeOf(() => sealPlace(KEYS, AT, { ...place, unknown: { '!later': 1 } }))).toBe('invalid-argument');
    const critical = sealFrame(encodeCbor({ name: bytes('a'), '!later': 1 }));
    expect(codeOf(() => openPlace(KEYS, AT, critical))).toBe('unsupported-version');
  });
});

/** A framed map of `totalBytes` in all, sealed as a place by hand. */
function sealFrame(map: Uint8Array, frame: { declaredLength?: number; lastByte?: number } = {}): Uint8Array {
  const plaintext = new Uint8Array(256 - SEAL_OVERHEAD_BYTES);
  new DataView(plaintext.buffer).setUint32(0, frame.declaredLength ?? map.length);
  plaintext.set(map, 4);
  plaintext[plaintext.length - 1] = frame.lastByte ?? 0;
  const position = Buffer.from(`${KEYS.namespaceId}${NODE}01${'3'.padStart(16, '0')}${'1'.padStart(16, '0')}`, 'hex');
  const context = Buffer.concat([Buffer.from('onefold/part/v1'), position]);
  return sealCommitted(KEYS.epoch(1).placeKey, context, plaintext, random);
}

describe('content', () => {
  it('keeps files, long files and links', () => {
    const manifest = [reference('m', 76 * 100), reference('n', 76 * 3)];
    const long: Content = { kind: 'file', size: 9_000_000_000, contentId: 'cd'.repeat(32) as ContentId, manifest };
    const link: Content = { kind: 'link', target: bytes('/nowhere/../x'), unknown: { later: 1 } };
    for (const content of [CONTENT, file([]), long, link])
      expect(openContent(KEYS, AT, sealContent(KEYS, AT, content))).toEqual(content);
  });

  it('keeps the versions it was written over unseen, older ones in order and no more than eight', () => {
    const link: Content = { kind: 'link', target: bytes('elsewhere') };
    const at = { ...AT, version: 20 };
    for (const content of [CONTENT, link]) {
      expect(openContent(KEYS, at, sealContent(KEYS, at, content, random))).not.toHaveProperty('unseen');
      for (const unseen of [[1], [3, 19], [1, 2, 3, 4, 5, 6, 7, 8]]) {
        const told = { ...content, unseen };
        expect(openContent(KEYS, at, sealContent(KEYS, at, told, random))).toEqual(told);
      }
      for (const unseen of [[], [0], [20], [2, 2], [3, 1], [1.5], ['1'], 'x', [1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
        const told = { ...content, unseen } as Content;
        expect(
          codeOf(() => sealContent(KEYS, at, told, random)),
          JSON.stringify(unseen),
        ).toBe('invalid-argument');
        const fields =
          content === link
            ? { ...link }
            : { kind: 'file', size: 0, contentId: new Uint8Array(32), references: new Uint8Array() };
        const hostile = sealPart(
          KEYS.epoch(1).contentKey,
          'content',
          KEYS.namespaceId,
          at,
          { ...fields, unseen },
          random,
        );
        expect(
          codeOf(() => openContent(KEYS, at, hostile)),
          JSON.stringify(unseen),
        ).toBe('seal-corrupt');
      }
    }
  });

  it('is refused when it does not add up', () => {
    const wrong: Content[] = [
      { ...CONTENT, size: CONTENT.size + 1 },
      { ...CONTENT, contentId: 'cd'.repeat(32) as ContentId },
      { ...CONTENT, references: [...CONTENT.references].reverse() },
      { ...CONTENT, references: CONTENT.references.slice(1) },
      { ...file([reference('x')]), references: [{ ...reference('x'), ctLength: 0 }] },
      file([reference('x', 4 * 1024 * 1024 + 1)]),
      file([reference('x', 0)]),
      { kind: 'link', target: new Uint8Array() },
      { kind: 'link', target: bytes('a\0b') },
      { kind: 'link', target: new Uint8Array(65_537).fill(97) },
      file(Array.from({ length: 1_025 }, () => reference('x', 1))),
      { kind: 'file', size: 0, contentId: contentIdOf([]), manifest: [] },
    ];
    for (const content of wrong) expect(codeOf(() => sealContent(KEYS, AT, content))).toBe('invalid-argument');
  });

  it('of a hostile author is refused when opened', () => {
    const id = Buffer.from(CONTENT.contentId, 'hex');
    const many = file(Array.from({ length: 1_025 }, () => reference('x', 1)));
    const list = encodeReferences(CONTENT.references);
    const future = encodeReferences(CONTENT.references.map((one) => ({ ...one, epoch: 2 })));
    const whole = { kind: 'file', size: CONTENT.size, contentId: id, references: list };
    const hostile: Record<string, unknown>[] = [
      { ...whole, size: 5 },
      { ...whole, size: -1 },
      { ...whole, contentId: Buffer.alloc(32) },
      { ...whole, contentId: Buffer.alloc(31) },
      { ...whole, references: list.subarray(1) },
      { ...whole, references: future },
      { ...whole, references: encodeReferences([]) },
      { ...whole, manifest: list },
      { kind: 'file', size: CONTENT.size, contentId: id },
      { kind: 'file', size: CONTENT.size, contentId: id, manifest: list },
      { kind: 'file', size: CONTENT.size, contentId: id, manifest: new Uint8Array() },
      { kind: 'file', size: 9, contentId: id.subarray(1), manifest: encodeReferences([reference('m', 76)]) },
      {
        kind: 'file',
        size: CONTENT.size,
        contentId: id,
        manifest: encodeReferences([{ ...reference('m', 76), epoch: 2 }]),
      },
      {
        ...whole,
        size: many.size,
        contentId: Buffer.from(many.contentId, 'hex'),
        references: encodeReferences(many.references),
      },
      { kind: 'folder' },
      {},
      { kind: 'link' },
      { kind: 'link', target: bytes('') },
    ];
    const seal = (fields: Record<string, unknown>) =>
      sealPart(KEYS.epoch(1).contentKey, 'content', KEYS.namespaceId, AT, fields, random);
    expect(codeOf(() => openContent(KEYS, AT, seal(whole)))).toBe('no error');
    for (const fields of hostile) expect(codeOf(() => openContent(KEYS, AT, seal(fields)))).toBe('seal-corrupt');
  });
});

describe('a list of references', () => {
  it('reads back, and is refused with any byte of a block id or length changed', () => {
    const list = encodeReferences(CONTENT.references);
    const limits = { size: CONTENT.size, contentId: CONTENT.contentId, epoch: 1 };
    expect(decodeReferences(list, limits)).toEqual(CONTENT.references);
    expect(list.length).toBe(3 * 76);
    for (let i = 0; i < list.length; i++) {
      const at = i % 76;
      // Of ctHash and ctLength the block itself is the proof: it opens to this block id or not at all.
      if ((at >= 36 && at < 72) || at < 4) continue;
      const changed = list.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(codeOf(() => decodeReferences(changed, limits))).toBe('seal-corrupt');
    }
    expect(codeOf(() => decodeReferences(list, { ...limits, epoch: 0 }))).toBe('seal-corrupt');
    expect(codeOf(() => decodeReferences(list.subarray(0, 76), limits))).toBe('seal-corrupt');
  });

  it('shares its bytes with lists that share a stretch', () => {
    const [a, b, c] = [reference('a'), reference('b'), reference('c')];
    const tail = encodeReferences([b, c]);
    expect(encodeReferences([a, b, c]).subarray(76)).toEqual(tail);
  });
});

describe('attributes', () => {
  it('keep times to the nanosecond, before 1970 too', () => {
    const arbitrary = fc.record(
      {
        mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
        mode: fc.integer({ min: 0, max: 0o7777 }),
        authoredAtMs: fc.maxSafeInteger(),
        xattrs: fc.array(fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 })), { maxLength: 3 }),
      },
      { requiredKeys: ['authoredAtMs'] },
    );
    fc.assert(
      fc.property(arbitrary, (one) => {
        expect(openAttributes(KEYS, AT, sealAttributes(KEYS, AT, one as Attributes))).toEqual(one);
      }),
    );
  });

  it('are refused when they do not fit a sealed part', () => {
    const xattrs = [[bytes('user.large'), new Uint8Array(1_100_000)]] as const;
    expect(codeOf(() => sealAttributes(KEYS, AT, { ...ATTRIBUTES, xattrs }))).toBe('invalid-argument');
  });

  it('are refused out of range, sealed or opened', () => {
    const wrong = [
      { mode: 0o10000 },
      { mode: -1 },
      { mode: 1.5 },
      { authoredAtMs: Number.NaN },
      { mtimeNs: 2n ** 90n },
    ];
    for (const patch of wrong)
      expect(codeOf(() => sealAttributes(KEYS, AT, { ...ATTRIBUTES, ...patch }))).toBe('invalid-argument');
    const hostile = [
      {},
      { authoredAt: 'x' },
      { authoredAt: 1, mtime: 5 },
      { authoredAt: 1, mtime: [1, 1_000_000_000] },
      { authoredAt: 1, mtime: [1, -1] },
      { authoredAt: 1, mode: 9_999 },
      { authoredAt: 1, xattrs: [[1, 2]] },
    ];
    for (const fields of hostile) {
      const sealed = sealPart(KEYS.epoch(1).attributesKey, 'attributes', KEYS.namespaceId, AT, fields, random);
      expect(codeOf(() => openAttributes(KEYS, AT, sealed))).toBe('seal-corrupt');
    }
  });
});

describe('a label', () => {
  it('tells other devices name and size, and opens nowhere else', () => {
    const sealed = sealLabel(KEYS, NODE, { name: bytes('film.mkv'), size: 5_000_000_000 });
    expect(openLabel(KEYS, NODE, sealed)).toEqual({ name: bytes('film.mkv'), size: 5_000_000_000 });
    expect(codeOf(() => openLabel(KEYS, '0c'.repeat(16) as NodeId, sealed))).toBe('seal-corrupt');
    expect(codeOf(() => openPlace(KEYS, { node: NODE, version: 0, epoch: 1 }, sealed))).toBe('seal-corrupt');
    for (const changed of flips(sealed)) expect(codeOf(() => openLabel(KEYS, NODE, changed))).toBe('seal-corrupt');
  });
});
