import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { guardContents, refusePermissions } from './guard.ts';
import { openWindow } from './window.ts';

/** Electron itself is not part of this test: requiring it would fetch its binary. What we ask of it is. */
const electron = vi.hoisted(() => ({
  windows: [] as { options: Record<string, unknown>; urls: string[] }[],
  listeners: new Map<string, (event: unknown, contents: unknown) => void>(),
}));

vi.mock('electron', () => ({
  app: { on: (name: string, listener: () => void) => electron.listeners.set(name, listener) },
  nativeTheme: { shouldUseDarkColors: true },
  BrowserWindow: class {
    readonly urls: string[] = [];
    constructor(options: Record<string, unknown>) {
      electron.windows.push({ options, urls: this.urls });
    }
    once(): void {}
    async loadURL(url: string): Promise<void> {
      this.urls.push(url);
    }
  },
}));

beforeEach(() => {
  electron.windows.length = 0;
});

/** A page's contents as Electron shows them to us, with what became of each thing it tried. */
function createContents() {
  const contents = Object.assign(new EventEmitter(), {
    openHandler: (): { action: string } => ({ action: 'allow' }),
    setWindowOpenHandler(handler: () => { action: string }) {
      contents.openHandler = handler;
    },
  });
  const attempt = (name: string, url: string) => {
    const preventDefault = vi.fn();
    contents.emit(name, { url, preventDefault });
    return preventDefault.mock.calls.length === 0 ? 'allowed' : 'refused';
  };
  return { contents, attempt };
}

describe('the window', () => {
  test('shows our own page in a sandbox, apart from the page’s own world, without Node', () => {
    openWindow('/opt/onefold/preload.cjs');
    const [window] = electron.windows;
    expect(window?.urls).toEqual(['onefold://page/index.html']);
    expect(window?.options['webPreferences']).toEqual({
      preload: '/opt/onefold/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    });
  });

  test('goes nowhere else, opens nothing and holds no other page', () => {
    guardContents();
    const { contents, attempt } = createContents();
    electron.listeners.get('web-contents-created')?.({}, contents);
    expect(attempt('will-navigate', 'onefold://page/index.html#content')).toBe('allowed');
    for (const url of ['https://example.org/', 'file:///etc/passwd', 'onefold://pages/', 'javascript:alert(1)']) {
      expect([url, attempt('will-navigate', url)]).toEqual([url, 'refused']);
    }
    expect(attempt('will-redirect', 'onefold://page/index.html')).toBe('refused');
    expect(attempt('will-attach-webview', 'onefold://page/index.html')).toBe('refused');
    expect(contents.openHandler()).toEqual({ action: 'deny' });
  });

  test('gets no permission, whatever it asks for', () => {
    const handlers: ((...args: unknown[]) => unknown)[] = [];
    const keep = (handler: (...args: unknown[]) => unknown) => handlers.push(handler);
    refusePermissions({
      setPermissionRequestHandler: keep,
      setPermissionCheckHandler: keep,
      setDevicePermissionHandler: keep,
    } as never);
    const answer = vi.fn();
    handlers[0]?.({}, 'media', answer);
    expect(answer).toHaveBeenCalledWith(false);
    expect(handlers[1]?.()).toBe(false);
    expect(handlers[2]?.()).toBe(false);
  });
});
