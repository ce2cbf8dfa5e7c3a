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
import { followPreferences, languageOf, storePreferences, themeOf } from './preferences.ts';
import type { Preferences } from './preferences.ts';
import type { ScreenName } from './route/route.ts';
import { hrefOf } from './route/route.ts';
import { goTo, useRoute } from './route/use-route.ts';
import { useSearchKeys } from './search/search-keys.ts';
import { Mishap } from './shell/mishap.tsx';
import { Rail } from './shell/rail.tsx';
import { SkipLink } from './shell/skip-link.tsx';
import { FOLDER_STEP, SETUP, fetchScreens, screenNamed } from './shell/screens.tsx';

interface AppProps {
  readonly session: Session;
  readonly words: i18n;
  readonly firstPreferences: Preferences;
}

const DARK_QUERY = '(prefers-color-scheme: dark)';

export function App({ session, words, firstPreferences }: AppProps) {
  const [preferences, setPreferences] = useState(firstPreferences);

  useEffect(() => followPreferences(setPreferences), []);

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
              <Mishap at="" onAgain={setupAgain} isWhole>
                <Stages preferences={preferences} onPreferences={setPreferences} />
              </Mishap>
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
  if (isWithout) return <SETUP.Screen setup={setup} {...props} />;
  if (isNew && setup?.kind === 'done' && isWithoutFolder)
    return <FOLDER_STEP.Screen folder={setup.folder} onEnd={() => setNew(false)} {...props} />;
  return <Frame />;
}

/** The rail, and beside it the screen that the address names. What is told of a transfer is not its concern: each part listens for itself. */
const Frame = memo(function Frame() {
  const route = useRoute();
  const asked = route.screen;
  const { Screen, later } = screenNamed(asked);
  const mainRef = useRef<HTMLElement>(null);
  useArrival(asked, mainRef);
  useSearchKeys(toSearch);
  useEffect(() => whenQuiet(() => void fetchScreens()), []);
  // What was chosen is gone once it works; the keyboard then stands before what is drawn instead.
  const again = () => {
    later?.again();
    mainRef.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <SkipLink onSkip={() => mainRef.current?.focus()} />
      <div className="frame">
        <Rail current={asked} />
        <main ref={mainRef} className="content" tabIndex={-1} key={asked}>
          <Mishap at={hrefOf(asked, route.query)} onAgain={again}>
            <Screen />
          </Mishap>
        </main>
      </div>
    </>
  );
});

function setupAgain(): void {
  SETUP.again();
  FOLDER_STEP.again();
}

/** @returns a function that calls it off */
function whenQuiet(work: () => void): () => void {
  const asked = requestIdleCallback(work);
  return () => cancelIdleCallback(asked);
}

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
