import type { MenuItemConstructorOptions } from 'electron';
import type { AppLink } from '@onefold/control';
import type { Say } from './words/say.ts';

/** The native menu: what each system expects there, and nothing that only the page can do. */
export function appMenu(
  platform: NodeJS.Platform,
  say: Say,
  openLink: (link: AppLink) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: say('menu.file'), submenu: [{ role: isMac ? 'close' : 'quit' }] },
    { label: say('menu.edit'), role: 'editMenu' },
    {
      label: say('menu.view'),
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: say('menu.window'), role: 'windowMenu' },
    {
      label: say('menu.help'),
      role: 'help',
      submenu: [
        { label: say('menu.help.guide'), click: () => openLink('help') },
        { label: say('menu.help.releases'), click: () => openLink('releases') },
      ],
    },
  ];
}
