import { useTranslation } from 'react-i18next';
import type { Preferences } from '../preferences.ts';
import type { Segment } from './segments.tsx';

/** What theme and language there are to choose. */
export function useLookChoices(): {
  readonly themes: readonly Segment<Preferences['theme']>[];
  readonly languages: readonly Segment<Preferences['language']>[];
} {
  const { t } = useTranslation();
  return {
    themes: [
      { value: 'system', word: t('preferences.themeSystem'), icon: 'system' },
      { value: 'light', word: t('preferences.themeLight'), icon: 'light' },
      { value: 'dark', word: t('preferences.themeDark'), icon: 'dark' },
    ],
    languages: [
      { value: 'system', word: t('preferences.languageSystem') },
      // A language is named in itself, whatever the page speaks.
      { value: 'en', word: 'English', lang: 'en' },
      { value: 'ko', word: '한국어', lang: 'ko' },
    ],
  };
}
