import { memo, useEffect, useRef, useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import { createAppClient } from '@onefold/control';
import type { RefObject } from 'react';
import type { i18n } from 'i18next';
import type { Session } from './line/session.ts';
import { PreferencesProvider } from './parts/preferences-context.tsx';
import { SessionProvider, useModelPart } from './parts/session-context.tsx';
import { ToastProvider } from './parts/toast.tsx';
import { TooltipProvider } from './parts/tooltip.tsx';
import { languageOf, storePreferences, themeOf } from './preferences.ts';
import type { Preferences } from './preferences.ts';
import type { ScreenName } from './route/route.ts';
import { goTo, useRoute } from './route/use-route.ts';
import { FolderStep } from './setup/folder-step.tsx';
import { SetupFlow } from './setup/setup-flow.tsx';
import { useSearchKeys } from './search/search-keys.ts';
import { Rail } from './shell/rail.tsx';
import { SkipLink } from './shell/skip-link.tsx';
import { SCREENS } from './shell/screens.tsx';

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
    tellApp(preferences);
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
        <TooltipProvider>
          <ToastProvider>
            <PreferencesProvider value={{ preferences, onPreferences: setPreferences }}>
              <Stages preferences={preferences} onPreferences={setPreferences} />
            </PreferencesProvider>
          </ToastProvider>
        </TooltipProvider>
      </SessionProvider>
    </I18nextProvider>
  );
}

/** Menus and notifications of a desktop window speak as the page does. */
function tellApp({ language }: Preferences): void {
  const bridge = window.onefold;
  if (bridge === undefined) return;
  const app = createAppClient((name, args) => bridge.askApp(name, args));
  app.call('changeSettings', { language }).catch(() => undefined);
}

interface FrameProps {
  readonly preferences: Preferences;
  readonly onPreferences: (preferences: Preferences) => void;
}

/** A device without account is first put into one; who has just come to one is asked for a folder. */
function Stages(props: FrameProps) {
  const setup = useModelPart((model) => model.setup);
  const isWithoutFolder = useModelPart(({ status }) => status?.folders.length === 0);
  const [isNew, setNew] = useState(false);
  const isWithout = setup !== null && setup.kind !== 'done';
  if (isWithout && !isNew) setNew(true);
  if (isWithout) return <SetupFlow setup={setup} {...props} />;
  if (isNew && setup?.kind === 'done' && isWithoutFolder)
    return <FolderStep folder={setup.folder} onEnd={() => setNew(false)} {...props} />;
  return <Frame />;
}

/** The rail, and beside it the screen that the address names. What is told of a transfer is not its concern: each part listens for itself. */
const Frame = memo(function Frame() {
  const { screen: asked } = useRoute();
  const screen = SCREENS.find(({ name }) => name === asked) ?? SCREENS[0];
  const mainRef = useRef<HTMLElement>(null);
  useArrival(asked, mainRef);
  useSearchKeys(toSearch);
  return (
    <>
      <SkipLink onSkip={() => mainRef.current?.focus()} />
      <div className="frame">
        <Rail current={asked} />
        <main ref={mainRef} className="content" tabIndex={-1} key={asked}>
          {screen?.show()}
        </main>
      </div>
    </>
  );
});

/** The search screen itself takes the keyboard then; it listens as well. */
function toSearch(): void {
  goTo('search');
}

/** On another screen one begins at its top, and so does the keyboard; the first screen leaves the focus where the browser put it. */
function useArrival(screen: ScreenName, mainRef: RefObject<HTMLElement | null>): void {
  const shown = useRef(screen);
  useEffect(() => {
    if (shown.current === screen) return;
    shown.current = screen;
    scrollTo(0, 0);
    // A screen may have put the keyboard into a field of its own.
    if (mainRef.current?.contains(document.activeElement) === true) return;
    mainRef.current?.focus({ preventScroll: true });
  }, [screen, mainRef]);
}
