import { chooseLanguage } from './words/words.ts';
import type { Language } from './words/words.ts';

export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly language: 'system' | Language;
}

const KEY = 'onefold.preferences';
const DEFAULTS: Preferences = { theme: 'system', language: 'system' };

/** @param text what was stored, by us or by anybody */
export function readPreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    return DEFAULTS;
  }
  if (typeof stored !== 'object' || stored === null) return DEFAULTS;
  const { theme, language } = stored as Partial<Record<keyof Preferences, unknown>>;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    language: language === 'en' || language === 'ko' ? language : 'system',
  };
}

/** Storage that is closed to the page counts as empty. */
export function loadPreferences(): Preferences {
  try {
    return readPreferences(localStorage.getItem(KEY));
  } catch {
    return DEFAULTS;
  }
}

export function storePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Then the choice lasts as long as the page.
  }
}

/** What is chosen in another window of this page holds in this one. @returns a function that ends that */
export function followPreferences(onChange: (preferences: Preferences) => void): () => void {
  const follow = ({ key, newValue }: StorageEvent): void => {
    if (key === KEY) onChange(readPreferences(newValue));
  };
  addEventListener('storage', follow);
  return () => removeEventListener('storage', follow);
}

export function languageOf(preferences: Preferences, systemLanguages: readonly string[]): Language {
  return preferences.language === 'system' ? chooseLanguage(systemLanguages) : preferences.language;
}

export function themeOf(preferences: Preferences, isSystemDark: boolean): 'light' | 'dark' {
  if (preferences.theme !== 'system') return preferences.theme;
  return isSystemDark ? 'dark' : 'light';
}
