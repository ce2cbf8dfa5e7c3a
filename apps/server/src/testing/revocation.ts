import { composeEntry, entryHash, extendChain, isDeviceActive, nextHash, verifyChain } from '@onefold/journal';
import type { AppendChainRequest, DeviceId, Hash, KeyBox, OpId } from '@onefold/protocol';
import { bytes, randomId, revokeDeviceLink, rotateLink, signWith } from './test-account.ts';
import type { TestClient } from './test-client.ts';

/**
 * Everything an honest client sends to remove a device: links, boxes, pin and epoch of its one namespace, at the head the client knows. The links also
 * join `account.links`.
 */
export function revocationOf(client: TestClient, revoked: DeviceId): AppendChainRequest {
  const { account, device, namespace, head } = client;
  const before = verifyChain(account.links);
  const links = [revokeDeviceLink(account, device, revoked), rotateLink(account, device)];
  const chain = extendChain(before, links);
  const recipients: KeyBox['recipient'][] = [{ kind: 'login' }, { kind: 'phrase' }];
  for (const id of chain.devices.keys())
    if (isDeviceActive(chain, id, chain.length - 1)) recipients.push({ kind: 'device', device: id });
  const boxes = recipients.map((recipient) => ({ generation: chain.generation, recipient, sealed: bytes(90) }));
  const header = (seq: number, hash: Hash) => ({
    namespaceId: namespace,
    epoch: 0,
    device: device.id,
    deviceSeq: ++client.deviceSeq,
    baseSeq: seq,
    baseHash: hash,
    opId: randomId<OpId>(16),
  });
  const sign = (message: Uint8Array): Uint8Array => signWith(device, message);
  const to = { user: account.user, n: chain.length - 1, hash: chain.hash };
  const pin = composeEntry('pin', { pin: to }, header(head.seq, head.hash), sign);
  const secrets = [{ user: account.user, generation: chain.generation, sealed: bytes(100) }];
  const body = { epoch: 1, commitment: bytes(32), previous: bytes(90), secrets };
  const seq = head.seq + 1;
  const epoch = composeEntry('epoch', body, header(seq, nextHash(head.hash, seq, entryHash(pin))), sign);
  return { links, boxes, entries: [pin, epoch].map((entry) => ({ namespaceId: namespace, entry })) };
}
