import { expect, test } from 'vitest';
import { encodeRecord, encryptPush } from './encrypt-push.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

test('the example of RFC 8188, section 3.1, comes out byte for byte', () => {
  const record = encodeRecord(new TextEncoder().encode('I am the walrus'), {
    secret: bytesOf('yqdlZ-tYemfogSmv7Ws5PQ'),
    salt: bytesOf('I1BsxtFttlv3u_Oo94xnmw'),
    keyId: new Uint8Array(),
  });
  expect(Buffer.from(record).toString('base64url')).toBe(
    'I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg',
  );
});

test('the example of RFC 8291, appendix A, comes out byte for byte', () => {
  const body = encryptPush(
    new TextEncoder().encode('When I grow up, I want to be a watermelon'),
    {
      p256dh: bytesOf('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
      auth: bytesOf('BTBZMqHH6r4Tts7J_aSIgg'),
    },
    {
      salt: bytesOf('DGv6ra1nlYgDCS1FRnbzlw'),
      privateKey: bytesOf('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
    },
  );
  expect(Buffer.from(body).toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg' +
      'Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
});
