import { describe, expect, it } from 'vitest';
import { ROOT_NODE, type BlockId, type CtHash, type NodeId } from '@onefold/protocol';
import { contentIdOf, createAccount, deriveNamespaceKeys } from '@onefold/vault';
import { createSealing } from './sealing.ts';

const made = await createAccount({
  email: 'a@b.cd',
  password: 'p',
  deviceName: 'Laptop',
  serverUrl: 'http://localhost',
});
const keys = deriveNamespaceKeys(made.namespace.secrets);
const sealing = createSealing(made.secrets, () => keys);
const at = { node: '01'.repeat(16) as NodeId, version: 1, epoch: 0 };

describe('sealing for the engine', () => {
  it('opens what it sealed, odd names included', () => {
    const name = 'r\udcffport \ud83d\ude00';
    expect(sealing.openPlace(at, sealing.sealPlace(at, name))).toEqual({ outcome: 'opened', value: name });
    const link = { kind: 'link', target: '../\udc80/x' } as const;
    expect(sealing.openContent(at, sealing.sealContent(at, link))).toEqual({ outcome: 'opened', value: link });
    const attributes = { mtimeNs: -1_763_812_345_123_456_789n, mode: 0o640 };
    expect(sealing.openAttributes(at, sealing.sealAttributes(at, attributes))).toEqual({
      outcome: 'opened',
      value: attributes,
    });
    const nothing = { mtimeNs: null, mode: null };
    expect(sealing.openAttributes(at, sealing.sealAttributes(at, nothing))).toEqual({
      outcome: 'opened',
      value: nothing,
    });
    const label = { name, sizeBytes: 7 };
    expect(sealing.openLabel(at.node, sealing.sealLabel(at.node, label))).toEqual({ outcome: 'opened', value: label });
  });

  it('carries lists of blocks inside the content part and as manifests', () => {
    const references = [1, 2].map((n) => ({
      epoch: 0,
      blockId: n.toString(16).padStart(64, '0') as BlockId,
      ctHash: n.toString(16).padStart(64, 'f') as CtHash,
      ctLength: 300,
      plainLength: 200,
    }));
    const file = { kind: 'file', sizeBytes: 400, contentId: contentIdOf(references), references } as const;
    expect(sealing.openContent(at, sealing.sealContent(at, file))).toEqual({ outcome: 'opened', value: file });
    expect(sealing.decodeReferences(sealing.encodeReferences(references))).toEqual(references);
    expect(() => sealing.decodeReferences(sealing.encodeReferences(references).subarray(1))).toThrow(
      expect.objectContaining({ code: 'seal-corrupt' }),
    );
  });

  it('calls corrupt what was sealed for another place, and nothing else', () => {
    const sealed = sealing.sealPlace(at, 'name');
    expect(sealing.openPlace({ ...at, version: 2 }, sealed)).toEqual({ outcome: 'corrupt' });
    expect(sealing.openPlace({ ...at, node: ROOT_NODE }, sealed)).toEqual({ outcome: 'corrupt' });
    sealed[sealed.length - 1]! ^= 1;
    expect(sealing.openPlace(at, sealed)).toEqual({ outcome: 'corrupt' });
    // A key that is not here yet says nothing about the author.
    expect(() => sealing.openPlace({ ...at, epoch: 1 }, sealed)).toThrow(
      expect.objectContaining({ code: 'key-missing' }),
    );
  });

  it('tags a name by its parent', () => {
    expect(sealing.nameTag(ROOT_NODE, 'a')).toBe(sealing.nameTag(ROOT_NODE, 'a'));
    expect(sealing.nameTag(ROOT_NODE, 'a')).not.toBe(sealing.nameTag(at.node, 'a'));
    expect(sealing.nameTag(ROOT_NODE, 'a')).not.toBe(sealing.nameTag(ROOT_NODE, 'A'));
  });
});
