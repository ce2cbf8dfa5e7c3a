import type { EmergencyKit } from '@onefold/control';

const KEY_END = 5;

/** What a person is asked for who says that the sheets are saved. */
export interface KitQuestion {
  /** From 1; null where there is no phrase. */
  readonly word: number | null;
}

/** The same for the same kit, and another one for the next. */
export function questionOf({ secretKey, phrase }: EmergencyKit): KitQuestion {
  if (phrase === null) return { word: null };
  const sum = Array.from(secretKey, (letter) => letter.codePointAt(0) ?? 0).reduce((total, code) => total + code, 0);
  return { word: (sum % phrase.split(' ').length) + 1 };
}

export function isKeyEnd({ secretKey }: EmergencyKit, given: string): boolean {
  const digits = (text: string) =>
    text.toUpperCase().replaceAll(/[\s-]/gu, '').replaceAll('O', '0').replaceAll(/[IL]/gu, '1');
  return digits(given) === digits(secretKey).slice(-KEY_END);
}

export function isWord({ phrase }: EmergencyKit, word: number, given: string): boolean {
  return phrase?.split(' ')[word - 1] === given.trim().toLowerCase();
}
