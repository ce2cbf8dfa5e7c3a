import i18next from 'i18next';
import type { i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';
import { ko } from './ko.ts';

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    enableSelector: false;
  }
}

/** @param wanted languages in order of preference, such as navigator.languages */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** One set of words, ready at once: both languages are part of the bundle. */
export function createWords(language: Language): i18n {
  const words = i18next.createInstance();
  void words.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    supportedLngs: LANGUAGES,
    resources: { en: { translation: en }, ko: { translation: ko } },
    initAsync: false,
    // React escapes what it shows; what is put in keeps the order of its letters to itself.
    interpolation: { escapeValue: true, escape: isolate },
    returnNull: false,
  });
  return words;
}

/** Letters that are written from the right, and marks that turn the order of what follows. */
const TURNS =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200F\u202A-\u202E\u2066-\u2069]/u;

/** A name inside of a sentence, which must not turn the words around it. */
function isolate(text: string): string {
  return TURNS.test(text) ? `\u2068${text}\u2069` : text;
}
