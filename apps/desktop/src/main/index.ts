import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BrowserWindow, MessageChannelMain, app, ipcMain, protocol, session } from 'electron';
import type { IpcMainEvent } from 'electron';
import { WINDOW_MESSAGES } from '@onefold/control';
import { startEngineProcess } from './engine-process.ts';
import type { EngineProcess } from './engine-process.ts';
import { guardContents, refusePermissions } from './guard.ts';
import { PAGE_HEADERS, PAGE_SCHEME, isPageUrl, pageFile } from './page-address.ts';
import { openWindow } from './window.ts';

const BUILT = import.meta.dirname;
const PAGE_FOLDER = join(BUILT, '..', '..', 'dist', 'renderer');
const PRELOAD_PATH = join(BUILT, '..', 'preload', 'index.cjs');
const ENGINE_PATH = join(BUILT, 'engine.js');

/*
 *   starting --(lock held, ready)--> running --(last window closed, or quit)--> stopping engine --> gone
 *   starting --(another one runs)--> shows that one's window, gone
 */
function run(): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  guardContents();
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(begin);
}

function begin(): void {
  refusePermissions(session.defaultSession);
  protocol.handle(PAGE_SCHEME, ({ url }) => servePage(url));
  const engine = startEngineProcess({
    modulePath: ENGINE_PATH,
    version: app.getVersion(),
    onEnded() {
      for (const window of BrowserWindow.getAllWindows()) window.webContents.send(WINDOW_MESSAGES.linesEnded);
    },
  });
  ipcMain.on(WINDOW_MESSAGES.openLine, (event, line: unknown) => openLine(engine, event, line));
  endEngineBeforeQuitting(engine);

  const show = (): void => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) {
      openWindow(PRELOAD_PATH);
      return;
    }
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  app.on('second-instance', show);
  app.on('activate', show);
  show();
}

async function servePage(url: string): Promise<Response> {
  const file = pageFile(url, PAGE_FOLDER);
  if (file === null) return new Response(null, { status: 404 });
  try {
    const body = new Uint8Array(await readFile(file.path));
    return new Response(body, { headers: { ...PAGE_HEADERS, 'content-type': file.type } });
  } catch {
    return new Response(null, { status: 404 });
  }
}

/** Joins the page that asked and the engine by a port, and keeps neither end. */
function openLine(engine: EngineProcess, event: IpcMainEvent, line: unknown): void {
  if (typeof line !== 'number' || !Number.isSafeInteger(line)) return;
  if (event.senderFrame === null || !isPageUrl(event.senderFrame.url)) return;
  const { port1, port2 } = new MessageChannelMain();
  if (engine.join(port1)) event.sender.postMessage(WINDOW_MESSAGES.line, line, [port2]);
  else event.sender.send(WINDOW_MESSAGES.linesEnded);
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
