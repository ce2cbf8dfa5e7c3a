import { en } from './en.ts';
import type { WordKey } from './en.ts';
import { ko } from './ko.ts';

export type Language = 'en' | 'ko';

/** Words in one language, with values put in. */
export type Say = (key: WordKey, values?: Readonly<Record<string, string | number>>) => string;

/** @param locale a BCP 47 tag of the system, for a choice of `system` */
export function languageFor(choice: 'system' | Language, locale: string): Language {
  if (choice !== 'system') return choice;
  return locale.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

export function createSay(language: Language): Say {
  const words = language === 'ko' ? ko : en;
  const numbers = new Intl.NumberFormat(language);
  return (key, values = {}) =>
    words[key].replace(/\{(\w+)\}/gu, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? numbers.format(value) : value;
    });
}
