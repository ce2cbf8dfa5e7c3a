import {
  concatBytes,
  OnefoldError,
  type ChainSigner,
  type Hash,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { NO_HASH, parseLink, type ParsedLink } from './chain-link.ts';
import { ed25519Verify } from './ed25519.ts';
import { userIdOf } from './hashes.ts';
import { CHAIN_DOMAIN } from './sign-link.ts';
import type { ChainDevice, ChainGeneration, UserChain } from './user-chain.ts';

/*
 * Who signs what:
 *
 *   root            the phrase's key
 *   add-device      link 1: the phrase's key and the new device. Later: the new device and the current user keys (a login), or the new
 *                   device and an active one (linking)
 *   countersign     an active device that is itself verified, not for itself
 *   name-device     an active device
 *   revoke-device   an active device
 *   rotate          an active device and the new user keys
 *   pin-namespace   an active device
 *   recover         the phrase's key, the new device and the new user keys; no device has a say
 *
 * Exactly these, in this order: a signature more would give one link two hashes.
 */

/** Checks a whole chain from its root. Throws `chain-invalid`, or `unsupported-version` for a link this version does not handle. */
export function verifyChain(
  links: readonly SignedLink[],
  expect: { readonly user?: UserId; readonly rootHash?: Hash } = {},
): UserChain {
  const first = links[0];
  if (first === undefined) throw invalid('a chain begins with a root');
  const root = parseLink(first);
  if (root.type !== 'root' || root.n !== 0 || root.prevHash !== NO_HASH) throw invalid('a chain begins with a root');
  if (expect.user !== undefined && root.user !== expect.user) throw invalid('the chain is of another user');
  if (expect.rootHash !== undefined && root.hash !== expect.rootHash) throw invalid('the chain has another root');
  if (root.user !== userIdOf(root.body)) throw invalid('the keys are not those the user id stands for');
  if (root.body.keys.generation !== 1) throw invalid('user keys begin with generation 1');
  requireSigners(root, [[{ kind: 'phrase' }, root.body.phraseSigningKey]]);
  const start: UserChain = {
    user: root.user,
    length: 1,
    hash: root.hash,
    hashes: [root.hash],
    root: root.body,
    loginBoxKey: root.body.loginBoxKey,
    generation: 1,
    generations: new Map([[1, { ...root.body.keys, addedAt: 0 }]]),
    devices: new Map(),
    namespaces: [],
  };
  return extendChain(start, links.slice(1));
}

/** Checks further links against a verified chain. Throws as `verifyChain`. */
export function extendChain(chain: UserChain, links: readonly SignedLink[]): UserChain {
  if (links.length === 0) return chain;
  const state: ChainState = {
    ...chain,
    hashes: [...chain.hashes],
    generations: new Map(chain.generations),
    devices: new Map(chain.devices),
    namespaces: [...chain.namespaces],
  };
  for (const raw of links) {
    const link = parseLink(raw);
    if (link.user !== state.user) throw invalid('the link is of another user');
    if (link.n !== state.hashes.length || link.prevHash !== state.hash)
      throw invalid('the link does not extend the chain');
    applyLink(state, link);
    state.hash = link.hash;
    state.hashes.push(link.hash);
    state.length = state.hashes.length;
  }
  return state;
}

type ChainState = { -readonly [K in keyof UserChain]: UserChain[K] } & {
  hashes: Hash[];
  generations: Map<number, ChainGeneration>;
  devices: Map<string, ChainDevice> & UserChain['devices'];
  namespaces: UserChain['namespaces'][number][];
};

function applyLink(state: ChainState, link: ParsedLink): void {
  switch (link.type) {
    case 'root':
      throw invalid('a chain has one root');
    case 'add-device':
      return addDevice(state, link);
    case 'countersign':
      return countersign(state, link);
    case 'name-device': {
      const { device: id, generation, sealedName } = link.body;
      const device = activeDevice(state, id, 'the device to name');
      if (generation !== state.generation) throw invalid('a name is sealed to the current user keys');
      requireSigners(link, [signingDevice(state, link)]);
      state.devices.set(id, { ...device, generation, sealedName });
      return;
    }
    case 'revoke-device': {
      const device = activeDevice(state, link.body.device, 'the device to revoke');
      requireSigners(link, [signingDevice(state, link)]);
      state.devices.set(link.body.device, { ...device, revokedAt: link.n });
      return;
    }
    case 'rotate': {
      const { keys, loginBoxKey } = link.body;
      if (keys.generation !== state.generation + 1) throw invalid('generations follow each other');
      requireSigners(link, [
        signingDevice(state, link),
        [{ kind: 'generation', generation: keys.generation }, keys.signingKey],
      ]);
      state.generations.set(keys.generation, { ...keys, addedAt: link.n });
      state.generation = keys.generation;
      if (loginBoxKey !== undefined) state.loginBoxKey = loginBoxKey;
      return;
    }
    case 'pin-namespace': {
      if (link.body.generation !== state.generation) throw invalid('a name is sealed to the current user keys');
      if (state.namespaces.some(({ namespaceId }) => namespaceId === link.body.namespaceId))
        throw invalid('a namespace is pinned once');
      if (link.body.use === 'own' && state.namespaces.some(({ use }) => use === 'own'))
        throw invalid('an account has one namespace of its own');
      requireSigners(link, [signingDevice(state, link)]);
      state.namespaces.push({ ...link.body, n: link.n });
      return;
    }
    case 'recover':
      return recover(state, link);
  }
}

function addDevice(state: ChainState, link: ParsedLink & { type: 'add-device' }): void {
  const { device, signingKey, boxKey, generation, sealedName } = link.body;
  if (state.devices.has(device)) throw invalid('a device is added once');
  if (generation !== state.generation) throw invalid('a name is sealed to the current user keys');
  const itself: Signer = [{ kind: 'device', device }, signingKey];
  const other = link.raw.signatures[link.n === 1 ? 0 : 1]?.signer;
  let isVerified = true;
  if (link.n === 1) {
    requireSigners(link, [[{ kind: 'phrase' }, state.root.phraseSigningKey], itself]);
  } else if (other?.kind === 'generation') {
    requireSigners(link, [itself, [{ kind: 'generation', generation: state.generation }, currentSigningKey(state)]]);
    isVerified = false;
  } else {
    const signer = signingDevice(state, link, 1);
    requireSigners(link, [itself, signer]);
    // Nobody passes on more trust than they have: an unverified device could otherwise have itself vouched for by way of another.
    isVerified = signer[0].kind === 'device' && state.devices.get(signer[0].device)?.verified === true;
  }
  state.devices.set(device, { signingKey, boxKey, generation, sealedName, addedAt: link.n, verified: isVerified });
}

/** Whoever holds the phrase takes the account over: a new device, new user keys, a new login; of the devices before only those in `keep` remain. */
function recover(state: ChainState, link: ParsedLink & { type: 'recover' }): void {
  const { validUpTo, keys, loginBoxKey, phrase, device: added, keep } = link.body;
  if (validUpTo !== link.n - 1 || phrase !== undefined)
    throw new OnefoldError(
      'unsupported-version',
      'a recovery that voids links or replaces the phrase needs a newer version',
    );
  if (keys.generation !== state.generation + 1) throw invalid('generations follow each other');
  if (added.generation !== keys.generation) throw invalid('a name is sealed to the current user keys');
  if (state.devices.has(added.device)) throw invalid('a device is added once');
  if (new Set(keep).size !== keep.length) throw invalid('a device is kept once');
  for (const id of keep) activeDevice(state, id, 'a device to keep');
  requireSigners(link, [
    [{ kind: 'phrase' }, state.root.phraseSigningKey],
    [{ kind: 'device', device: added.device }, added.signingKey],
    [{ kind: 'generation', generation: keys.generation }, keys.signingKey],
  ]);
  for (const [id, device] of state.devices)
    if (device.revokedAt === undefined && !keep.includes(id)) state.devices.set(id, { ...device, revokedAt: link.n });
  state.generations.set(keys.generation, { ...keys, addedAt: link.n });
  state.generation = keys.generation;
  state.loginBoxKey = loginBoxKey;
  const { device, ...rest } = added;
  state.devices.set(device, { ...rest, addedAt: link.n, verified: true });
}

function countersign(state: ChainState, link: ParsedLink & { type: 'countersign' }): void {
  const device = activeDevice(state, link.body.device, 'the device to countersign');
  const signer = signingDevice(state, link);
  if (signer[0].kind === 'device' && state.devices.get(signer[0].device)?.verified !== true) {
    throw invalid('only a verified device vouches for another');
  }
  requireSigners(link, [signer]);
  state.devices.set(link.body.device, { ...device, verified: true });
}

type Signer = readonly [ChainSigner, key: Uint8Array];

/** The active device that signature `index` claims to be of. */
function signingDevice(state: ChainState, link: ParsedLink, index = 0): Signer {
  const signer = link.raw.signatures[index]?.signer;
  if (signer?.kind !== 'device') throw invalid('the link is not signed by a device');
  return [signer, activeDevice(state, signer.device, 'the signing device').signingKey];
}

function activeDevice(state: ChainState, id: string, what: string): ChainDevice {
  const device = state.devices.get(id);
  if (device === undefined || device.revokedAt !== undefined) throw invalid(`${what} is not active`);
  return device;
}

function currentSigningKey(state: ChainState): Uint8Array {
  const keys = state.generations.get(state.generation);
  if (keys === undefined) throw invalid('the chain has no user keys');
  return keys.signingKey;
}

function requireSigners(link: ParsedLink, expected: readonly Signer[]): void {
  const { link: bytes, signatures } = link.raw;
  const message = concatBytes(CHAIN_DOMAIN, bytes);
  const isSigned =
    signatures.length === expected.length &&
    expected.every(([signer, key], i) => {
      const given = signatures[i];
      return given !== undefined && isSameSigner(given.signer, signer) && ed25519Verify(key, message, given.signature);
    });
  if (!isSigned) throw invalid(`link ${link.n} (${link.type}) is not signed by those who must`);
}

function isSameSigner(a: ChainSigner, b: ChainSigner): boolean {
  if (a.kind === 'device') return b.kind === 'device' && a.device === b.device;
  if (a.kind === 'generation') return b.kind === 'generation' && a.generation === b.generation;
  return b.kind === 'phrase';
}

function invalid(message: string): OnefoldError {
  return new OnefoldError('chain-invalid', message);
}
