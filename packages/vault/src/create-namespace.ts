import { chainLink, namespaceIdOf, sha256, signEntry, signLink, type UserChain } from '@onefold/journal';
import {
  encodeWire,
  genesisBodySchema,
  OnefoldError,
  toHex,
  type NamespaceId,
  type OpId,
  type SignedEntry,
  type SignedLink,
  type SplitterSpec,
} from '@onefold/protocol';
import { deviceSigner, isOwnChain, type DeviceSecrets } from './device-secrets.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import { deriveNamespaceKeys, type NamespaceKeys } from './namespace-keys.ts';
import { epochCommitment, sealGenesisSecret, type NamespaceSecrets } from './namespace-secrets.ts';
import { sealNamespaceName } from './sealed-names.ts';
import { publicUserKeys, userKeysOf } from './user-keys.ts';

/** min 1 MiB, mean about 1.5 MiB, max 4 MiB. */
export const DEFAULT_SPLITTER: SplitterSpec = { version: 1, min: 1_048_576, mean: 1_572_864, max: 4_194_304 };

export interface NewNamespace {
  readonly namespaceId: NamespaceId;
  readonly genesis: SignedEntry;
  /** pin-namespace, to be appended to the chain together with the genesis. */
  readonly link: SignedLink;
  readonly secrets: NamespaceSecrets;
  readonly keys: NamespaceKeys;
}

/** Makes a namespace at the end of the user's chain. `name` null: the account's own, of which there is one. */
export async function createNamespace(input: {
  readonly secrets: DeviceSecrets;
  readonly chain: UserChain;
  readonly name: string | null;
  readonly splitter?: SplitterSpec;
  readonly random?: RandomBytes;
}): Promise<NewNamespace> {
  const { secrets, chain, name, splitter = DEFAULT_SPLITTER, random = systemRandom } = input;
  if (!isOwnChain(secrets, chain)) throw new OnefoldError('chain-invalid', 'the chain is of another account');
  const { user, device } = secrets;
  const sign = deviceSigner(secrets);
  const userKeys = userKeysOf(secrets.generations, chain.generation);
  const owner = { user, generation: userKeys.generation, boxKey: publicUserKeys(userKeys).boxKey };
  const opId = toHex(random(16)) as OpId;
  const lifetime = random(32);
  const epochSecret = random(32);

  const body = encodeWire(genesisBodySchema, {
    owner: user,
    pin: { user, n: chain.length - 1, hash: chain.hash },
    commitment: epochCommitment(0, epochSecret, lifetime),
    secrets: [await sealGenesisSecret(owner, opId, { lifetime, epochSecret }, random)],
  });
  const header = {
    format: 1,
    type: 'genesis',
    epoch: 0,
    device,
    deviceSeq: 0,
    opId,
    changesHash: sha256(body),
    splitter,
  } as const;
  const genesis = signEntry(sign, header, body);
  const namespaceId = namespaceIdOf(genesis);

  const sealedName = await sealNamespaceName(user, userKeys, namespaceId, name ?? '', random);
  const at = { user, n: chain.length, prevHash: chain.hash };
  const use = name === null ? ('own' as const) : ('named' as const);
  const content = chainLink(at, 'pin-namespace', { namespaceId, use, generation: owner.generation, sealedName });
  const link = signLink(content, [{ signer: { kind: 'device', device }, sign }]);

  const namespaceSecrets: NamespaceSecrets = { namespaceId, lifetime, epochs: new Map([[0, epochSecret]]) };
  return { namespaceId, genesis, link, secrets: namespaceSecrets, keys: deriveNamespaceKeys(namespaceSecrets) };
}
