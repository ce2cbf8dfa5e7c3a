import type { UserId } from '@onefold/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKit, formatSecretKey, parseKit, parseSecretKey, type EmergencyKit } from './emergency-kit.ts';
import { derivePhraseKeys, formatRecoveryPhrase, parseRecoveryPhrase } from './recovery-phrase.ts';
import { codeOf, fixedRandom } from './vault-fixture.ts';

const USER = '00112233445566778899aabbccddeeff' as UserId;
const KIT: EmergencyKit = {
  server: 'https://example.org:8443/x',
  email: 'ann@example.org',
  user: USER,
  secretKey: fixedRandom('kit')(16),
};

describe('the Emergency Kit', () => {
  it('reads back from its own text, and from what mail and editors make of it', () => {
    const text = formatKit(KIT);
    expect(parseKit(text)).toEqual(KIT);
    expect(parseKit(text.replaceAll('\n', '\r\n'))).toEqual(KIT);
    expect(parseKit(`> quoted\n\n  ${text.replaceAll('\n', '\n  ')}\nSent from my phone`)).toEqual(KIT);
    expect(parseKit(text.toLowerCase())).toEqual(KIT);
  });

  it.each(['Server', 'E-mail', 'Account', 'Secret Key'])('is refused without its line "%s"', (name) => {
    const text = formatKit(KIT);
    expect(codeOf(() => parseKit(text.replace(new RegExp(`^${name}:.*$`, 'm'), '')))).toBe('invalid-argument');
    expect(codeOf(() => parseKit(text.replace(new RegExp(`^${name}:.*$`, 'm'), `${name}: ?`)))).toBe(
      'invalid-argument',
    );
  });

  it('is refused with the Secret Key of another account', () => {
    const other = 'ff112233445566778899aabbccddeeff' as UserId;
    expect(codeOf(() => parseKit(formatKit(KIT).replace(USER, other)))).toBe('invalid-argument');
  });
});

describe('a Secret Key', () => {
  it('is six groups of five digits behind its version', () => {
    expect(formatSecretKey(USER, KIT.secretKey)).toMatch(/^OF1(-[0-9A-HJKMNP-TV-Z]{5}){6}$/);
  });

  it('reads back for any 16 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (key) => {
        expect(parseSecretKey(USER, formatSecretKey(USER, key))).toEqual(key);
      }),
    );
  });

  it('is read as a hand writes it', () => {
    const text = formatSecretKey(USER, KIT.secretKey);
    expect(parseSecretKey(USER, text.toLowerCase().replaceAll('-', ' '))).toEqual(KIT.secretKey);
    const sloppy = text.slice(3).replaceAll('0', 'o').replaceAll('1', 'l');
    expect(parseSecretKey(USER, `OF1${sloppy}`)).toEqual(KIT.secretKey);
  });

  it('is refused with any one digit changed, left out or swapped with another', () => {
    const digits = formatSecretKey(USER, KIT.secretKey).slice(3).replaceAll('-', '');
    let refused = 0;
    for (let i = 0; i < digits.length; i++) {
      for (const other of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
        if (other === digits[i]) continue;
        const text = `OF1${digits.slice(0, i)}${other}${digits.slice(i + 1)}`;
        expect(
          codeOf(() => parseSecretKey(USER, text)),
          text,
        ).toBe('invalid-argument');
        refused++;
      }
      expect(codeOf(() => parseSecretKey(USER, `OF1${digits.slice(0, i)}${digits.slice(i + 1)}`))).toBe(
        'invalid-argument',
      );
    }
    expect(refused).toBe(30 * 31);
    expect(codeOf(() => parseSecretKey(USER, `OF2${digits}`))).toBe('invalid-argument');
  });
});

describe('a recovery phrase', () => {
  it('is 24 words of BIP 39, with the known phrases of its test vectors', () => {
    const zeros = `${'abandon '.repeat(23)}art`;
    expect(formatRecoveryPhrase(new Uint8Array(32))).toBe(zeros);
    expect(formatRecoveryPhrase(new Uint8Array(32).fill(0xff))).toBe(`${'zoo '.repeat(23)}vote`);
    expect(parseRecoveryPhrase(`  ${zeros.toUpperCase().replaceAll(' ', '\n')} `)).toEqual(new Uint8Array(32));
  });

  it('is refused with a wrong word, count or checksum', () => {
    const wrong = [
      `${'abandon '.repeat(23)}about`,
      `${'abandon '.repeat(22)}art`,
      `${'abandon '.repeat(11)}about`,
      `${'xyzzy '.repeat(23)}art`,
      '',
    ];
    for (const text of wrong) expect(codeOf(() => parseRecoveryPhrase(text))).toBe('invalid-argument');
    expect(codeOf(() => formatRecoveryPhrase(new Uint8Array(16)))).toBe('invalid-argument');
  });

  it('stands for three keys that have nothing in common', () => {
    const { authKey, box, signing } = derivePhraseKeys(new Uint8Array(32));
    const all = [authKey, box.seed, box.publicKey, signing.seed, signing.publicKey].map((key) =>
      Buffer.from(key).toString('hex'),
    );
    expect(new Set(all).size).toBe(5);
  });
});
