import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyVapid } from '../testing/push-endpoint.ts';
import { vapidHeader, type VapidKey } from './vapid.ts';

function keyOf(privateKey: Uint8Array): VapidKey {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(privateKey);
  return { publicKey: new Uint8Array(pair.getPublicKey()), privateKey };
}

test('the example of RFC 8292, section 2.4, verifies, and altered it does not', () => {
  const example = (claims: string): string =>
    `vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.${claims}.` +
    'i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, ' +
    'k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs';
  const claims =
    'eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0';
  expect(verifyVapid(example(claims)).claims).toEqual({
    aud: 'https://push.example.net',
    exp: 1_453_523_768,
    sub: 'mailto:push@example.com',
  });
  expect(() => verifyVapid(example(claims.replace('NTM1MjM3', 'NTM1MjM4')))).toThrow();
});

test('a token names the origin alone, is over within a day, and verifies with the key beside it, whatever that is', () => {
  const nowMs = Date.UTC(2026, 0, 5, 12);
  // A private key that begins with zeros is as long as any other.
  for (const first of [1, 200]) {
    const privateKey = new Uint8Array(32).fill(7);
    privateKey.set(first === 1 ? [0, 0, 1] : [first]);
    const key = keyOf(privateKey);
    const url = new URL('https://push.example.net:8443/secret/path?of=one');
    const { head, claims, senderKey } = verifyVapid(vapidHeader(key, url, 'mailto:push@example.com', nowMs));
    expect(head).toEqual({ typ: 'JWT', alg: 'ES256' });
    expect(claims).toEqual({
      aud: 'https://push.example.net:8443',
      exp: nowMs / 1_000 + 12 * 3_600,
      sub: 'mailto:push@example.com',
    });
    expect(senderKey).toEqual(key.publicKey);
  }
});
