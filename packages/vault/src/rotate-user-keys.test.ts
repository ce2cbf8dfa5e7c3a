import { beforeAll, describe, expect, it } from 'vitest';
import { extendChain, type UserChain } from '@onefold/journal';
import type { NewAccount } from './create-account.ts';
import { loginDevice, openNewGenerations, type LoggedInDevice } from './login-device.ts';
import { composeNextEpoch } from './next-epoch.ts';
import { openEpochSecrets, currentEpochOf, epochSecretOf } from './namespace-secrets.ts';
import { deriveLogin } from './password-keys.ts';
import { renameDevice, rotateUserKeys } from './rotate-user-keys.ts';
import { openDeviceName } from './sealed-names.ts';
import { publicUserKeys, userKeysOf } from './user-keys.ts';
import { codeOfAsync, fixedRandom, loginAnswer, newAccount, PASSWORD } from './vault-fixture.ts';

let ann: NewAccount;
let phone: LoggedInDevice;
let chain: UserChain;

beforeAll(async () => {
  ann = await newAccount('ann');
  const { user, salt, kdf } = ann.request;
  const { loginBox } = await deriveLogin({ password: PASSWORD, secretKey: ann.kit.secretKey, user, salt, kdf });
  phone = await loginDevice({ login: loginAnswer(ann.request), user, loginBox, deviceName: 'Phone' });
  chain = phone.chain;
}, 120_000);

describe('new user keys', () => {
  it('reach every device that stays, and not the one that was removed', async () => {
    const rotation = await rotateUserKeys({ secrets: ann.secrets, chain, revoke: phone.secrets.device });
    expect(extendChain(chain, rotation.links)).toEqual(rotation.chain);
    expect(rotation.chain.devices.get(phone.secrets.device)?.revokedAt).toBe(chain.length);
    expect(rotation.boxes.map(({ recipient }) => recipient.kind)).toEqual(['login', 'phrase', 'device']);
    const opened = await openNewGenerations(ann.secrets, rotation.chain, rotation.boxes);
    expect(opened.generations).toEqual(rotation.secrets.generations);
    expect(await codeOfAsync(() => openNewGenerations(phone.secrets, rotation.chain, rotation.boxes))).toBe(
      'key-missing',
    );
  });

  it('open the next epoch, which those without them do not', async () => {
    const rotation = await rotateUserKeys({ secrets: ann.secrets, chain, revoke: phone.secrets.device });
    const keys = userKeysOf(rotation.secrets.generations, 2);
    const to = { user: ann.request.user, generation: 2, boxKey: publicUserKeys(keys).boxKey };
    const body = await composeNextEpoch(ann.namespace.secrets, [to], fixedRandom('epoch'));
    const entry = { body } as Parameters<typeof openEpochSecrets>[2];
    const opened = await openEpochSecrets(rotation.secrets, ann.namespace.secrets, entry);
    expect(currentEpochOf(opened)).toBe(1);
    expect(epochSecretOf(opened, 0)).toEqual(epochSecretOf(ann.namespace.secrets, 0));
    expect(await codeOfAsync(() => openEpochSecrets(phone.secrets, ann.namespace.secrets, entry))).toBe('key-missing');
  });

  it('are not drawn for oneself’s removal, for a stranger, or on another account’s chain', async () => {
    const { secrets } = ann;
    expect(await codeOfAsync(() => rotateUserKeys({ secrets, chain, revoke: secrets.device }))).toBe(
      'invalid-argument',
    );
    expect(await codeOfAsync(() => rotateUserKeys({ secrets, chain, revoke: 'ab'.repeat(16) as never }))).toBe(
      'not-found',
    );
    const other = { ...chain, hashes: ['00'.repeat(32) as never, ...chain.hashes.slice(1)] };
    expect(await codeOfAsync(() => rotateUserKeys({ secrets, chain: other }))).toBe('chain-invalid');
  });
});

it('a device’s new name opens for the whole account', async () => {
  const link = await renameDevice({ secrets: ann.secrets, chain, device: phone.secrets.device, name: '서재' });
  const named = extendChain(chain, [link]).devices.get(phone.secrets.device);
  expect(await openDeviceName(phone.secrets, phone.secrets.device, named!)).toBe('서재');
});
