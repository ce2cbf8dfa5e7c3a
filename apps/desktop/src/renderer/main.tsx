// First: the page's policy forbids eval.
import './without-eval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openSession } from './line/session.ts';
import { controlUrl, openWebSocketCarrier } from './line/websocket-carrier.ts';
import { openWindowCarrier } from './line/window-carrier.ts';
import { after } from './parts/after.ts';
import { languageOf, loadPreferences } from './preferences.ts';
import { createWords } from './words/words.ts';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/home.css';
import './styles/parts.css';
import './styles/devices.css';
import './styles/setup.css';
import './styles/kit.css';
import './styles/account.css';
import './styles/settings.css';
import './styles/past.css';
import './styles/merge.css';
import './styles/search.css';
import './styles/storage.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
const preferences = loadPreferences();
const session = openSession({
  openCarrier: () =>
    window.onefold === undefined ? openWebSocketCarrier(controlUrl(location)) : openWindowCarrier(window.onefold),
  isEngineRestarted: window.onefold !== undefined,
  nowMs: Date.now,
  after,
});
createRoot(root).render(
  <StrictMode>
    <App
      session={session}
      words={createWords(languageOf(preferences, navigator.languages))}
      firstPreferences={preferences}
    />
  </StrictMode>,
);
