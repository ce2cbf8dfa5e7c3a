import { sha256 } from '@onefold/journal';
import { emailSchema, fromHex, isHexId, OnefoldError, type UserId } from '@onefold/protocol';
import { SECRET_KEY_BYTES } from './password-keys.ts';

/** What a person needs beside the password to log in on a new device. */
export interface EmergencyKit {
  /** URL of the server. */
  readonly server: string;
  readonly email: string;
  readonly user: UserId;
  /** 16 bytes. Never leaves the person's devices and paper. */
  readonly secretKey: Uint8Array;
}

/** Crockford's base 32: no I, L, O, U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIX = 'OF1';
const KEY_DIGITS = 26;
const CHECK_DIGITS = 4;

/** The kit as text, to print or keep in a password store. `parseKit` reads it back. */
export function formatKit(kit: EmergencyKit): string {
  return [
    'Onefold Emergency Kit',
    '',
    'With this and your password you can log in on a new device.',
    'Keep it offline. Without it nobody can restore access for you, not even the server.',
    '',
    `Server:     ${kit.server}`,
    `E-mail:     ${kit.email}`,
    `Account:    ${kit.user}`,
    `Secret Key: ${formatSecretKey(kit.user, kit.secretKey)}`,
    '',
  ].join('\n');
}

/** Reads a kit, whatever surrounds its four lines. Throws `invalid-argument`, also when the Secret Key does not belong to the account. */
export function parseKit(text: string): EmergencyKit {
  const server = field(text, 'Server');
  const email = field(text, 'E-mail');
  const user = field(text, 'Account').toLowerCase();
  if (!isHexId(user, 16)) throw invalid('the account of the Emergency Kit is mistyped');
  if (!/^https?:\/\/\S+$/.test(server) || !emailSchema.safeParse(email).success)
    throw invalid('the Emergency Kit is mistyped');
  return { server, email, user: user as UserId, secretKey: parseSecretKey(user as UserId, field(text, 'Secret Key')) };
}

/** `OF1-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`: 26 digits of key and 4 of a checksum over account and key. */
export function formatSecretKey(user: UserId, secretKey: Uint8Array): string {
  if (secretKey.length !== SECRET_KEY_BYTES) throw new OnefoldError('invalid-argument', 'a Secret Key has 16 bytes');
  const digits = toDigits(secretKey, KEY_DIGITS) + checkDigits(user, secretKey);
  return [PREFIX, ...(digits.match(/.{5}/g) ?? [])].join('-');
}

/** Small letters, spaces, missing dashes, O for 0 and I or L for 1 are understood. Throws `invalid-argument`. */
export function parseSecretKey(user: UserId, text: string): Uint8Array {
  const plain = text.toUpperCase().replaceAll(/[\s-]/g, '');
  const digits = plain.slice(PREFIX.length).replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (!plain.startsWith(PREFIX) || digits.length !== KEY_DIGITS + CHECK_DIGITS) throw mistyped();
  const secretKey = fromDigits(digits.slice(0, KEY_DIGITS));
  if (secretKey === undefined || digits.slice(KEY_DIGITS) !== checkDigits(user, secretKey)) throw mistyped();
  return secretKey;
}

function checkDigits(user: UserId, secretKey: Uint8Array): string {
  const hash = fromHex(sha256(Buffer.from('onefold/secret-key/v1', 'ascii'), fromHex(user), secretKey));
  return toDigits(hash.subarray(0, 3), CHECK_DIGITS);
}

/** The leading `count` groups of five bits, padded with zero bits. */
function toDigits(bytes: Uint8Array, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    let digit = 0;
    for (let bit = 5 * i; bit < 5 * i + 5; bit++) digit = digit * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    text += DIGITS[digit];
  }
  return text;
}

/** Undefined unless the digits are exactly those of 16 bytes. */
function fromDigits(digits: string): Uint8Array | undefined {
  const bytes = new Uint8Array(SECRET_KEY_BYTES);
  for (let i = 0; i < digits.length; i++) {
    const digit = DIGITS.indexOf(digits[i] ?? ' ');
    if (digit < 0) return undefined;
    for (let k = 0; k < 5; k++) {
      const bit = 5 * i + k;
      const isSet = (digit >> (4 - k)) & 1;
      if (bit < 8 * SECRET_KEY_BYTES) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (isSet << (7 - (bit & 7)));
    }
  }
  return toDigits(bytes, KEY_DIGITS) === digits ? bytes : undefined;
}

function field(text: string, name: string): string {
  const value = new RegExp(`^[ \\t]*${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(text)?.[1];
  if (value === undefined || value === '') throw invalid(`the Emergency Kit has no line "${name}"`);
  return value;
}

function mistyped(): OnefoldError {
  return invalid('the Secret Key is mistyped or belongs to another account');
}

function invalid(message: string): OnefoldError {
  return new OnefoldError('invalid-argument', message);
}
