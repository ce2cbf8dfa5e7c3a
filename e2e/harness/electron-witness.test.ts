import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';

interface Witnessed {
  witness(electron: unknown, write: (line: string) => void, answers?: { folder?: string }): (words: object) => void;
}
const { witness } = createRequire(import.meta.url)('./electron-witness.cjs') as Witnessed;

/** The classes and functions of Electron that the app asks things of. */
function playedElectron() {
  const opened = vi.fn();
  class Tray {
    readonly tips: string[] = [];
    setToolTip(text: string): void {
      this.tips.push(text);
    }
    setContextMenu(menu: unknown): void {
      opened(menu);
    }
  }
  class Notification {
    readonly title: string;
    readonly body: string;
    constructor(words: { title: string; body: string }) {
      this.title = words.title;
      this.body = words.body;
    }
    show(): void {
      opened('notification');
    }
  }
  const shell = { showItemInFolder: opened, openExternal: opened, openPath: opened };
  const dialog = { showOpenDialog: async () => ({ canceled: true, filePaths: [] as string[] }) };
  const app = { emit: vi.fn() };
  return { electron: { Tray, Notification, shell, dialog, app }, opened };
}

test('what the app asks for is told, and done where it does no harm', async () => {
  const { electron, opened } = playedElectron();
  const lines: string[] = [];
  witness(electron, (line) => lines.push(line), { folder: '/chosen' });
  const tray = new electron.Tray();
  tray.setToolTip('Onefold: Everything is safe');
  electron.shell.showItemInFolder('/home/a.txt');
  new electron.Notification({ title: 'a', body: 'b' }).show();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { what: 'tooltip', value: 'Onefold: Everything is safe' },
    { what: 'show-item', value: '/home/a.txt' },
    { what: 'notification', value: { title: 'a', body: 'b' } },
  ]);
  expect(tray.tips).toHaveLength(1);
  expect(opened.mock.calls).toEqual([['notification']]);
  expect(await electron.dialog.showOpenDialog()).toEqual({ canceled: false, filePaths: ['/chosen'] });
});

test('a click finds its item in the menu that was set last, also below another', () => {
  const { electron } = playedElectron();
  const say = witness(electron, () => undefined);
  say({ click: 'nothing is set yet' });
  const clicked = vi.fn();
  const inner = { items: [{ label: 'For 1 hour', click: () => void clicked('hour') }] };
  new electron.Tray().setContextMenu({ items: [{ label: 'Open', click: () => void clicked('old') }] });
  new electron.Tray().setContextMenu({ items: [{ label: 'Pause', submenu: inner }] });
  say({ click: 'Open' });
  say({ click: 'For 1 hour' });
  expect(clicked.mock.calls).toEqual([['hour']]);
  say({ start: true });
  expect(electron.app.emit).toHaveBeenCalledWith('second-instance');
});
