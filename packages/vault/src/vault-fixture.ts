import { sha256, verifyChain, type UserChain } from '@onefold/journal';
import {
  concatBytes,
  fromHex,
  type CreateAccountRequest,
  type LoginResponse,
  type NamespaceId,
  type NodeId,
} from '@onefold/protocol';
import { createAccount, type NewAccount } from './create-account.ts';
import type { RandomBytes } from './key-derivation.ts';
import { deriveNamespaceKeys, type NamespaceKeys } from './namespace-keys.ts';
import type { NamespaceSecrets } from './namespace-secrets.ts';

/** Bytes that look random and are the same every time: SHA-256 of label and counter, block by block. */
export function fixedRandom(label: string): RandomBytes {
  let counter = 0;
  return (length) => {
    let bytes: Uint8Array = new Uint8Array(0);
    while (bytes.length < length)
      bytes = concatBytes(bytes, fromHex(sha256(Buffer.from(`fixture/${label}/${counter++}`))));
    return bytes.slice(0, length);
  };
}

export const NAMESPACE_SECRETS: NamespaceSecrets = {
  namespaceId: 'a1'.repeat(32) as NamespaceId,
  lifetime: fixedRandom('lifetime')(32),
  epochs: new Map([
    [0, fixedRandom('epoch 0')(32)],
    [1, fixedRandom('epoch 1')(32)],
  ]),
};

export const KEYS: NamespaceKeys = deriveNamespaceKeys(NAMESPACE_SECRETS);
export const NODE = '0b'.repeat(16) as NodeId;

export const PASSWORD = 'correct horse battery staple';

export function newAccount(label: string): Promise<NewAccount> {
  return createAccount({
    email: `${label}@example.org`,
    password: PASSWORD,
    deviceName: 'Laptop',
    serverUrl: 'https://onefold.example.org',
    random: fixedRandom(label),
  });
}

export function chainOf(request: CreateAccountRequest): UserChain {
  return verifyChain(request.links, { user: request.user });
}

/** What an honest server answers to a login. */
export function loginAnswer({ user, boxes, links }: CreateAccountRequest): LoginResponse {
  return { user, loginToken: 'token', boxes: [...boxes], links: [...links] };
}

export function codeOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

export async function codeOfAsync(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'no error';
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

/** Every copy of `bytes` with one byte changed. */
export function* flips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) {
    const copy = bytes.slice();
    copy[i] = (copy[i] ?? 0) ^ 0x01;
    yield copy;
  }
}
