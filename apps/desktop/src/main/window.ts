import { BrowserWindow, nativeTheme } from 'electron';
import { PAGE_URL } from './page-address.ts';

/** The colours of step 1 of tokens.css, so that a window never flashes white before its page is there. */
const PAPER = { light: '#fdfcf9', dark: '#141310' } as const;

export function openWindow(preloadPath: string): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Onefold',
    width: 1160,
    height: 800,
    minWidth: 640,
    minHeight: 480,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? PAPER.dark : PAPER.light,
    webPreferences: {
      preload: preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(PAGE_URL);
  return window;
}
