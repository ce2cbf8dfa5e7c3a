import { readFileSync, writeFileSync } from 'node:fs';
import { decodeCbor, type EntryHeader, type SignedEntry, type SignedLink } from '@onefold/protocol';
import { describe, expect, it } from 'vitest';
import { chainLink } from './chain-link.ts';
import { checkpointOf } from './check-checkpoint.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from './ed25519.ts';
import { entryHash, linkHash, nextHash, sha256 } from './hashes.ts';
import {
  attributes,
  content,
  create,
  createUser,
  createWorld,
  DESKTOP,
  deviceOf,
  hide,
  LAPTOP,
  logIn,
  nodeOf,
  PHONE,
  revoke,
  rotate,
  secretFor,
  seedOf,
  signerOf,
} from './journal-fixture.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { parseEntry } from './parse-entry.ts';
import { signLink } from './sign-link.ts';
import { verifyChain } from './verify-chain.ts';

/*
 * The vectors are neutral JSON for readers in any language: bytes are hex, CBOR maps are objects whose byte strings are {"hex": ...}.
 * They are read here as an outsider would read them, and rebuilt from their seeds. ONEFOLD_WRITE_VECTORS=1 writes them anew: a change of any of
 * them is a change of the format.
 */
const FILE = new URL('../vectors/journal-v1.json', import.meta.url);

interface EntryVector {
  readonly what: string;
  readonly seq: number;
  readonly signingSeed: string;
  readonly headerFields: unknown;
  readonly bodyFields: unknown;
  readonly header: string;
  readonly body: string;
  readonly signedMessage: string;
  readonly signature: string;
  readonly entryHash: string;
  /** H_n */
  readonly hash: string;
}

interface LinkVector {
  readonly what: string;
  readonly fields: unknown;
  readonly link: string;
  readonly signedMessage: string;
  readonly signatures: readonly { readonly signer: string; readonly publicKey: string; readonly signature: string }[];
  readonly linkHash: string;
}

interface Vectors {
  readonly description: string;
  readonly namespaceId: string;
  readonly entries: readonly EntryVector[];
  readonly chain: readonly LinkVector[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const message = (domain: string, bytes: Uint8Array): string => hex(Buffer.concat([Buffer.from(domain), bytes]));

function neutral(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: hex(value) };
  if (Array.isArray(value)) return value.map(neutral);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, neutral(inner)]));
}

function build(): Vectors {
  const ann = createUser('ann', LAPTOP);
  const ben = createUser('ben', deviceOf('bens-pc'));
  const world = createWorld([ann, ben]);
  const namespaceId = world.journal.namespaceId();
  if (namespaceId === undefined) throw new Error('no genesis');
  const pinNamespace = chainLink(ann.next(), 'pin-namespace', {
    namespaceId,
    use: 'own',
    generation: 1,
    sealedName: seedOf('sealed name'),
  });
  ann.append(signLink(pinNamespace, [signerOf(LAPTOP)]));
  logIn(ann, DESKTOP);
  ann.append(signLink(chainLink(ann.next(), 'countersign', { device: DESKTOP.device }), [signerOf(LAPTOP)]));
  logIn(ann, PHONE);
  revoke(ann, LAPTOP, PHONE);
  rotate(ann, LAPTOP);

  const accept = (entry: SignedEntry) => {
    const result = world.journal.commit(entry);
    if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
  };
  accept(world.make(DESKTOP, 'pin', { pin: ann.pin() }));
  accept(
    world.changeset(LAPTOP, [
      create('folder', undefined, 'folder'),
      create('file', nodeOf('folder')),
      create('link', undefined, 'link'),
    ]),
  );
  accept(world.changeset(DESKTOP, [content('file'), attributes('file', 0), hide('link')]));
  accept(world.member(LAPTOP, ben, 'editor'));
  const epoch = {
    epoch: 1,
    commitment: seedOf('commitment/1'),
    previous: seedOf('previous'),
    secrets: [secretFor(ann), secretFor(ben)],
  };
  accept(world.make(LAPTOP, 'epoch', epoch));
  const root = world.journal.root();
  if (root === undefined) throw new Error('the tree is not known');
  const state = { head: world.journal.head(), epoch: world.journal.epoch(), root };
  const people = { members: [...world.journal.members.values()], lastEntries: world.journal.lastEntries() };
  accept(world.make(LAPTOP, 'checkpoint', checkpointOf({ ...state, ...people })));

  const seeds = new Map([LAPTOP, DESKTOP].map(({ device, seed }) => [device as string, seed]));
  const keys = new Map<string, Uint8Array>(
    [...ann.chain().devices].map(([device, { signingKey }]) => [`device ${device}`, signingKey]),
  );
  keys.set('phrase', ann.chain().root.phraseSigningKey);
  for (const [generation, { signingKey }] of ann.chain().generations) keys.set(`generation ${generation}`, signingKey);
  return {
    description: 'Onefold journal and user chain, format 1. Bytes are hex. docs/FORMAT.md says what they mean.',
    namespaceId,
    entries: world.journal.entries.map((entry, seq): EntryVector => {
      const { header } = parseEntry(entry) as { header: EntryHeader };
      return {
        what: header.type,
        seq,
        signingSeed: hex(seeds.get(header.device) ?? new Uint8Array()),
        headerFields: neutral(decodeCbor(entry.header)),
        bodyFields: neutral(decodeCbor(entry.body)),
        header: hex(entry.header),
        body: hex(entry.body),
        signedMessage: message('onefold/entry/v1', entry.header),
        signature: hex(entry.signature),
        entryHash: entryHash(entry),
        hash: world.journal.hashes[seq] ?? '',
      };
    }),
    chain: ann.links.map((link): LinkVector => ({
      what: (decodeCbor(link.link) as { type: string }).type,
      fields: neutral(decodeCbor(link.link)),
      link: hex(link.link),
      signedMessage: message('onefold/chain/v1', link.link),
      signatures: link.signatures.map(({ signer, signature }) => {
        const name =
          signer.kind === 'device'
            ? `device ${signer.device}`
            : signer.kind === 'generation'
              ? `generation ${signer.generation}`
              : 'phrase';
        return { signer: name, publicKey: hex(keys.get(name) ?? new Uint8Array()), signature: hex(signature) };
      }),
      linkHash: linkHash(link),
    })),
  };
}

if (process.env['ONEFOLD_WRITE_VECTORS'] === '1') writeFileSync(FILE, `${JSON.stringify(build(), null, 1)}\n`);
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;

function signer(text: string): SignedLink['signatures'][number]['signer'] {
  const [kind, rest] = text.split(' ');
  if (kind === 'device') return { kind, device: rest as never };
  return kind === 'generation' ? { kind, generation: Number(rest) } : { kind: 'phrase' };
}

const readEntry = ({ header, body, signature }: EntryVector): SignedEntry => ({
  header: unhex(header),
  body: unhex(body),
  signature: unhex(signature),
});
const readLink = ({ link, signatures }: LinkVector): SignedLink => ({
  link: unhex(link),
  signatures: signatures.map((one) => ({ signer: signer(one.signer), signature: unhex(one.signature) })),
});

describe('the golden vectors', () => {
  it('are what this code writes', () => {
    expect(build()).toEqual(vectors);
  });

  it('hold the fields they say, hash and chain as documented, and carry the signatures of their seeds', () => {
    let previous = '';
    for (const vector of vectors.entries) {
      const { header, signature } = readEntry(vector);
      expect(neutral(decodeCbor(header))).toEqual(vector.headerFields);
      expect(neutral(decodeCbor(unhex(vector.body)))).toEqual(vector.bodyFields);
      expect(vector.signedMessage).toBe(`${hex(Buffer.from('onefold/entry/v1'))}${vector.header}`);
      expect(hex(ed25519Sign(unhex(vector.signingSeed), unhex(vector.signedMessage)))).toBe(vector.signature);
      expect(ed25519Verify(ed25519PublicKey(unhex(vector.signingSeed)), unhex(vector.signedMessage), signature)).toBe(
        true,
      );
      expect(sha256(header, signature)).toBe(vector.entryHash);
      const position = new Uint8Array(8);
      position[7] = vector.seq;
      const hash = vector.seq === 0 ? vector.entryHash : sha256(unhex(previous), position, unhex(vector.entryHash));
      expect(hash).toBe(vector.hash);
      if (vector.seq > 0) expect(nextHash(previous as never, vector.seq, vector.entryHash as never)).toBe(vector.hash);
      previous = vector.hash;
    }
    expect(vectors.entries[0]?.hash).toBe(vectors.namespaceId);
  });

  it('replay: the chain verifies and every entry is accepted', () => {
    const chain = verifyChain(vectors.chain.map(readLink));
    vectors.chain.forEach((vector, n) => {
      expect(chain.hashes[n]).toBe(vector.linkHash);
      expect(sha256(unhex(vector.link), ...vector.signatures.map(({ signature }) => unhex(signature)))).toBe(
        vector.linkHash,
      );
      for (const one of vector.signatures) {
        expect(ed25519Verify(unhex(one.publicKey), unhex(vector.signedMessage), unhex(one.signature))).toBe(true);
      }
    });
    const ben = createUser('ben', deviceOf('bens-pc')).chain();
    const journal = createMemoryJournal({
      chain: (user) => (user === chain.user ? chain : ben),
      userOfDevice: (device) => (chain.devices.has(device) ? chain.user : undefined),
    });
    for (const vector of vectors.entries) {
      expect(journal.commit(readEntry(vector)).outcome).toBe('accepted');
      expect(journal.head().hash).toBe(vector.hash);
    }
  });

  it('has known answers for Ed25519 (RFC 8032, section 7.1, test 3)', () => {
    const seed = unhex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
    expect(hex(ed25519PublicKey(seed))).toBe('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
    expect(hex(ed25519Sign(seed, unhex('af82')))).toBe(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    );
  });
});
