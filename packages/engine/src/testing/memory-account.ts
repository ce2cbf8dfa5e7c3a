import { createPrivateKey, sign as signWith } from 'node:crypto';
import {
  chainLink,
  ed25519PublicKey,
  ed25519Sign,
  extendChain,
  NO_HASH,
  sha256,
  signEntry,
  signLink,
  userIdOf,
  verifyChain,
  type UserChain,
} from '@onefold/journal';
import {
  encodeWire,
  fromHex,
  genesisBodySchema,
  type DeviceId,
  type EpochBody,
  type OpId,
  type SignedEntry,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';
import { fakeSignature, isFakingSignatures } from './fake-signatures.ts';

export interface AccountDevice {
  readonly device: DeviceId;
  readonly name: string;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** One user with some devices and a namespace; keys and signatures are real and depend on the count alone. */
export interface MemoryAccount {
  readonly user: UserId;
  readonly chain: UserChain;
  readonly devices: readonly AccountDevice[];
  /** One more device, which keeps no folder and only says what the state is. */
  readonly keeper: AccountDevice;
  readonly genesis: SignedEntry;
}

const DEVICE_NAMES = ['Laptop', 'Desktop', 'Tablet', 'Büro', 'NAS'] as const;
const made = new Map<number, MemoryAccount>();

/** The same account for the same number of devices, made once. */
export function memoryAccount(deviceCount: number): MemoryAccount {
  const known = made.get(deviceCount);
  if (known !== undefined) return known;
  const account = createAccount(deviceCount);
  made.set(deviceCount, account);
  return account;
}

function secret(label: string): Uint8Array {
  return fromHex(sha256(new TextEncoder().encode(`memory account/${label}`)));
}

/** Signs as `ed25519Sign` does, or fakes it; the key is imported once. */
function signerOf(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const publicKey = ed25519PublicKey(seed);
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: base64(seed), x: base64(publicKey) };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return (message) =>
    isFakingSignatures() ? fakeSignature(publicKey, message) : new Uint8Array(signWith(null, message, key));
}

function createAccount(deviceCount: number): MemoryAccount {
  const phrase = secret('phrase');
  const userKeys = secret('user keys');
  const all = Array.from({ length: deviceCount + 1 }, (_, i): AccountDevice => {
    const seed = secret(`device ${i}`);
    return {
      device: sha256(secret(`device id ${i}`)).slice(0, 32) as DeviceId,
      name: DEVICE_NAMES[i] ?? `Device ${i}`,
      sign: signerOf(seed),
    };
  });
  const [devices, keeper] = [all.slice(0, deviceCount), all[deviceCount]!];
  const rootBody = {
    phraseSigningKey: ed25519PublicKey(phrase),
    phraseBoxKey: secret('phrase box'),
    loginBoxKey: secret('login box'),
    keys: { generation: 1, boxKey: secret('box'), signingKey: ed25519PublicKey(userKeys) },
  };
  const user = userIdOf(rootBody);
  const byPhrase = { signer: { kind: 'phrase' }, sign: (message: Uint8Array) => ed25519Sign(phrase, message) } as const;
  const byUserKeys = {
    signer: { kind: 'generation', generation: 1 },
    sign: (message: Uint8Array) => ed25519Sign(userKeys, message),
  } as const;
  let chain = verifyChain([signLink(chainLink({ user, n: 0, prevHash: NO_HASH }, 'root', rootBody), [byPhrase])]);
  all.forEach(({ device, sign }, i) => {
    const body = {
      device,
      signingKey: ed25519PublicKey(secret(`device ${i}`)),
      boxKey: secret(`device box ${i}`),
      generation: 1,
      sealedName: new Uint8Array([i]),
    };
    const itself = { signer: { kind: 'device', device }, sign } as const;
    const link: SignedLink = signLink(
      chainLink({ user, n: chain.length, prevHash: chain.hash }, 'add-device', body),
      i === 0 ? [byPhrase, itself] : [itself, byUserKeys],
    );
    chain = extendChain(chain, [link]);
  });
  return { user, chain, devices, keeper, genesis: signGenesis(user, chain, devices[0]!) };
}

/** An epoch entry's body, its secrets being nothing but there. */
export function memoryEpoch(
  epoch: number,
  members: readonly { readonly user: UserId; readonly generation: number }[],
): EpochBody {
  const sealed = new Uint8Array(80);
  return {
    epoch: epoch + 1,
    commitment: secret(`commitment ${epoch + 1}`),
    previous: sealed,
    secrets: members.map(({ user, generation }) => ({ user, generation, sealed })),
  };
}

function signGenesis(user: UserId, chain: UserChain, { device, sign }: AccountDevice): SignedEntry {
  const body = encodeWire(genesisBodySchema, {
    owner: user,
    pin: { user, n: chain.length - 1, hash: chain.hash },
    commitment: secret('commitment'),
    secrets: [{ user, generation: 1, sealed: new Uint8Array(80) }],
  });
  const header = {
    format: 1,
    type: 'genesis',
    epoch: 0,
    device,
    deviceSeq: 0,
    opId: sha256(secret('genesis')).slice(0, 32) as OpId,
    changesHash: sha256(body),
    splitter: { version: 1, min: 64, mean: 128, max: 512 },
  } as const;
  return signEntry(sign, header, body);
}
