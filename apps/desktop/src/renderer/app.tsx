import { useEffect, useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import type { i18n } from 'i18next';
import type { Session } from './line/session.ts';
import { Home } from './home/home.tsx';
import { SessionProvider } from './parts/session-context.tsx';
import { languageOf, storePreferences, themeOf } from './preferences.ts';
import type { Preferences } from './preferences.ts';
import { Rail } from './shell/rail.tsx';

interface AppProps {
  readonly session: Session;
  readonly words: i18n;
  readonly firstPreferences: Preferences;
}

const DARK_QUERY = '(prefers-color-scheme: dark)';

export function App({ session, words, firstPreferences }: AppProps) {
  const [preferences, setPreferences] = useState(firstPreferences);

  useEffect(() => {
    storePreferences(preferences);
    const language = languageOf(preferences, navigator.languages);
    void words.changeLanguage(language);
    document.documentElement.lang = language;
    const query = matchMedia(DARK_QUERY);
    const applyTheme = () => {
      document.documentElement.dataset['theme'] = themeOf(preferences, query.matches);
    };
    applyTheme();
    query.addEventListener('change', applyTheme);
    return () => query.removeEventListener('change', applyTheme);
  }, [preferences, words]);

  return (
    <I18nextProvider i18n={words}>
      <SessionProvider session={session}>
        <a className="skip" href="#content">
          {words.t('app.skip')}
        </a>
        <div className="frame">
          <Rail preferences={preferences} onPreferences={setPreferences} />
          <main id="content" className="content" tabIndex={-1}>
            <Home />
          </main>
        </div>
      </SessionProvider>
    </I18nextProvider>
  );
}
