import { join } from 'node:path';
import { BrowserWindow, Menu, Notification, app, ipcMain, protocol, safeStorage, session, shell } from 'electron';
import type { IpcMainInvokeEvent, IpcMainEvent } from 'electron';
import { WINDOW_MESSAGES, answerAppCall } from '@onefold/control';
import type { Activity, AppHandlers, AppSettings, Status } from '@onefold/control';
import { createAppHandlers, placeInside } from './app-handlers.ts';
import { appMenu } from './app-menu.ts';
import { openAppSettings } from './app-settings.ts';
import type { AppSettingsFile } from './app-settings.ts';
import { resolveHome } from '@onefold/host';
import { engineKey, keyStoreState } from './home-key.ts';
import type { KeyStore } from './home-key.ts';
import { createEngineLine } from './engine-line.ts';
import { startEngineProcess } from './engine-process.ts';
import type { EngineProcess } from './engine-process.ts';
import { guardContents, refusePermissions } from './guard.ts';
import { openLink } from './links.ts';
import { HIDDEN_ARGUMENT, setOpenAtLogin } from './login-item.ts';
import { attentionNotices, conflictNotices } from './notices.ts';
import type { Notice } from './notices.ts';
import { PAGE_SCHEME, isPageUrl } from './page-address.ts';
import { createPauseTimer } from './pause-timer.ts';
import { keepRecent } from './recent-files.ts';
import { servePage } from './serve-page.ts';
import { openTray } from './tray.ts';
import type { StateTray } from './tray.ts';
import { trayView } from './tray-view.ts';
import type { RecentFile, TrayAct } from './tray-view.ts';
import { watchUpdates } from './updates.ts';
import { openWindow } from './window.ts';
import { createSay, languageFor } from './words/say.ts';
import type { Say } from './words/say.ts';

const APP_ID = 'app.onefold.desktop';
const BUILT = import.meta.dirname;
const PAGE_FOLDER = join(BUILT, '..', '..', 'dist', 'renderer');
const TRAY_FOLDER = join(BUILT, '..', '..', 'icons', 'tray');
const PRELOAD_PATH = join(BUILT, '..', 'preload', 'index.cjs');
const ENGINE_PATH = join(BUILT, 'engine.js');

/*
 *   starting --(lock held, ready)--> open: window, tray, engine
 *   starting --(another one runs)--> shows that one's window, gone
 *   open --(last window closed)--> in the tray --(tray, second start)--> open
 *   open, in the tray --quit, "keep syncing"--> out of sight: the engine only --(second start)--> open
 *   any --quit, "stop"--> stopping engine --> gone
 */
function run(): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  // Windows shows notifications only of a program that says which one it is: the id of electron-builder.yml.
  if (process.platform === 'win32') app.setAppUserModelId(APP_ID);
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  guardContents();
  // Closing the window leaves the tray.
  app.on('window-all-closed', () => undefined);
  void app.whenReady().then(begin);
}

async function begin(): Promise<void> {
  refusePermissions(session.defaultSession);
  protocol.handle(PAGE_SCHEME, ({ url }) => servePage(url, PAGE_FOLDER));
  const settings = await openAppSettings(join(app.getPath('userData'), 'app-settings.json'));
  let status: Status | null = null;
  let recent: readonly RecentFile[] = [];
  let tray: StateTray | null = null;
  const say: Say = (key, values) => createSay(languageFor(settings.current().language, app.getLocale()))(key, values);

  const home = resolveHome(undefined);
  const keyStore = systemKeyStore();
  const engine = startEngineProcess({
    modulePath: ENGINE_PATH,
    version: app.getVersion(),
    key: () => engineKey(home, keyStore, settings.current().sealsKeys),
    onStarted: () => line.join(),
    onEnded() {
      for (const window of BrowserWindow.getAllWindows()) window.webContents.send(WINDOW_MESSAGES.linesEnded);
    },
    onAskedToEnd: () => app.quit(),
  });
  const line = createEngineLine(engine, {
    onStatus(next) {
      if (next !== null) notify(attentionNotices(status, next, say), settings, show);
      status = next;
      if (next !== null) pause.follow(next.paused || next.folders.some(({ paused }) => paused));
      draw();
    },
    onFeed: remember,
    onActivity(items) {
      notify(conflictNotices(items, say), settings, show);
      remember(items);
    },
  });
  line.join();
  const updates = watchUpdates(
    process.resourcesPath,
    async () => (await import('electron-updater')).default.autoUpdater,
    () => notify([{ title: say('notice.update'), body: say('notice.update.body') }], settings, show),
  );
  const pause = createPauseTimer(
    Date.now,
    async () => {
      const isHeard =
        (await line
          .client()
          ?.call('resume', {})
          .then(
            () => true,
            () => false,
          )) === true;
      if (isHeard) await settings.change({ pausedUntilMs: null });
      return isHeard;
    },
    () => void settings.change({ pausedUntilMs: null }),
  );
  pause.set(settings.current().pausedUntilMs);

  function remember(items: readonly Activity[]): void {
    recent = keepRecent(recent, items);
    draw();
  }

  function drawMenu(): void {
    Menu.setApplicationMenu(Menu.buildFromTemplate(appMenu(process.platform, say, (link) => void openLink(link))));
  }

  function draw(): void {
    tray?.show(trayView(status, recent, say, Date.now()));
  }

  function show(): void {
    tray ??= openTray(TRAY_FOLDER, act);
    draw();
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) {
      openWindow(PRELOAD_PATH);
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  function act(wanted: TrayAct): void {
    switch (wanted.act) {
      case 'open':
        return show();
      case 'quit':
        return leave(settings.current());
      case 'resume':
      case 'pause': {
        const untilMs = wanted.act === 'pause' ? wanted.untilMs : null;
        pause.set(untilMs);
        void settings.change({ pausedUntilMs: untilMs });
        // An engine that does not run just now has nothing to pause; the tray shows what is.
        void line
          .client()
          ?.call(wanted.act, {})
          .catch(() => undefined);
        return;
      }
      case 'open-folder':
        void shell.openPath(wanted.folder);
        return;
      case 'show-file': {
        const target = placeInside(status?.folders.map(({ path }) => path) ?? [], wanted.folder, wanted.path);
        if (target !== null) shell.showItemInFolder(target);
      }
    }
  }

  function leave({ whenQuit }: AppSettings): void {
    if (whenQuit === 'stop') {
      app.quit();
      return;
    }
    for (const window of BrowserWindow.getAllWindows()) window.close();
    tray?.destroy();
    tray = null;
  }

  const handlers = createAppHandlers({
    settings: {
      current: () => settings.current(),
      async change(part) {
        const changed = await settings.change(part);
        await setOpenAtLogin(changed.openAtLogin);
        drawMenu();
        draw();
        return changed;
      },
    },
    updates,
    status: () => status,
    chooseTitle: () => say('dialog.chooseFolder'),
    keyStore: () => keyStoreState(home, keyStore),
  });
  answerPages(engine, handlers);
  endEngineBeforeQuitting(engine);
  drawMenu();
  if (app.isPackaged) await setOpenAtLogin(settings.current().openAtLogin);
  app.on('second-instance', show);
  app.on('activate', show);
  if (process.argv.includes(HIDDEN_ARGUMENT)) tray = openTray(TRAY_FOLDER, act);
  else show();
  draw();
}

/** On Linux without a key store Electron seals with a password that is the same everywhere: that is none. */
function systemKeyStore(): KeyStore {
  return {
    isThere: async () =>
      (await safeStorage.isAsyncEncryptionAvailable()) &&
      (process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'),
    seal: (text) => safeStorage.encryptStringAsync(text),
    async open(sealed) {
      const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(sealed));
      return { text: result, isStale: shouldReEncrypt };
    },
  };
}

function notify(notices: readonly Notice[], settings: AppSettingsFile, show: () => void): void {
  if (!settings.current().notifications || !Notification.isSupported()) return;
  for (const { title, body } of notices) {
    const notification = new Notification({ title, body });
    notification.on('click', show);
    notification.show();
  }
}

/** Only our own page is answered, whatever else may ever be loaded. */
function answerPages(engine: EngineProcess, handlers: AppHandlers): void {
  const isOurs = ({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    senderFrame !== null && isPageUrl(senderFrame.url);
  ipcMain.on(WINDOW_MESSAGES.openLine, (event, line: unknown) => {
    if (!isOurs(event) || typeof line !== 'number' || !Number.isSafeInteger(line)) return;
    engine.giveLine(event.sender, line);
  });
  ipcMain.handle(WINDOW_MESSAGES.appCall, (event, name: unknown, args: unknown) => {
    if (!isOurs(event)) throw new Error('not for this page');
    return answerAppCall(handlers, name, args);
  });
}

function endEngineBeforeQuitting(engine: EngineProcess): void {
  let isEnded = false;
  app.on('before-quit', (event) => {
    if (isEnded) return;
    event.preventDefault();
    void engine.stop().finally(() => {
      isEnded = true;
      app.quit();
    });
  });
}

run();
