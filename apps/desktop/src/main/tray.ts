import { join } from 'node:path';
import { Menu, Tray, nativeImage } from 'electron';
import type { MenuItemConstructorOptions, NativeImage } from 'electron';
import type { SyncState } from '@onefold/control';
import type { TrayAct, TrayItem, TrayView } from './tray-view.ts';

export interface StateTray {
  show(view: TrayView): void;
  destroy(): void;
}

/** The icon in the tray or menu bar. A click opens the app where the system does not open the menu itself. */
export function openTray(iconFolder: string, does: (act: TrayAct) => void): StateTray {
  const images = new Map<SyncState, NativeImage>();
  const imageOf = (state: SyncState): NativeImage => {
    let image = images.get(state);
    if (image === undefined) {
      // "Template" in the name has macOS draw it in the colour of its menu bar.
      image = nativeImage.createFromPath(join(iconFolder, trayIconFile(state, process.platform)));
      images.set(state, image);
    }
    return image;
  };
  const tray = new Tray(imageOf('offline'));
  tray.on('click', () => {
    if (process.platform !== 'darwin') does({ act: 'open' });
  });
  let shown = '';
  return {
    show(view) {
      const next = JSON.stringify(view);
      // A menu that is open closes when it is set again.
      if (next === shown) return;
      shown = next;
      tray.setImage(imageOf(view.icon));
      tray.setToolTip(view.tooltip);
      tray.setContextMenu(Menu.buildFromTemplate(view.items.map((item) => menuItem(item, does))));
    },
    destroy: () => tray.destroy(),
  };
}

export function trayIconFile(state: SyncState, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return `${state}Template.png`;
  return platform === 'win32' ? `${state}.ico` : `${state}.png`;
}

function menuItem(item: TrayItem, does: (act: TrayAct) => void): MenuItemConstructorOptions {
  switch (item.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'text':
      return { label: literal(item.label), enabled: false };
    case 'act':
      return { label: literal(item.label), click: () => does(item.does) };
    case 'menu':
      return { label: literal(item.label), submenu: item.items.map((inner) => menuItem(inner, does)) };
  }
}

/** A file may be called "a&b": without this its name would lose a letter to a shortcut. */
function literal(label: string): string {
  return label.replaceAll('&', '&&');
}
