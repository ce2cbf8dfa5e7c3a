import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MessageChannelMain, nodePort } from './ports.mjs';
import { BrowserWindow, closeBrowser, ipcMain, protocol } from './window.mjs';

export { BrowserWindow, MessageChannelMain, ipcMain, protocol };

const DATA = process.env['ONEFOLD_STAND_IN_DATA'] ?? join(process.cwd(), '.stand-in');
mkdirSync(DATA, { recursive: true });

/** What the app asked the system for, a line of JSON each: what a spec looks at. @param {string} what @param {unknown} value */
function tell(what, value) {
  process.stdout.write(`${JSON.stringify({ what, value })}\n`);
}

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  requestSingleInstanceLock: () => true,
  enableSandbox: () => tell('sandbox', true),
  whenReady: async () => undefined,
  getVersion: () => '0.1.0',
  getLocale: () => process.env['ONEFOLD_STAND_IN_LOCALE'] ?? 'en-GB',
  getPath: () => DATA,
  setLoginItemSettings: () => undefined,
  quit() {
    let isPrevented = false;
    app.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) void closeBrowser().finally(() => process.exit(0));
  },
});
process.once('SIGTERM', () => app.quit());
/** A spec plays the person at the tray, and the second start, by lines of JSON. */
process.stdin.setEncoding('utf8');
process.stdin.on('data', (/** @type {string} */ chunk) => {
  for (const line of chunk.split('\n').filter((one) => one !== '')) {
    const { click, start } = JSON.parse(line);
    if (start === true) app.emit('second-instance');
    if (typeof click === 'string') Tray.click(click);
  }
});

export class Tray extends EventEmitter {
  /** @type {MenuItem[]} */
  static items = [];

  /** @param {string} label @param {MenuItem[]} items */
  static click(label, items = Tray.items) {
    for (const item of items) {
      if (item.label === label) item.click?.();
      if (item.submenu !== undefined) Tray.click(label, item.submenu);
    }
  }
  setImage() {}
  /** @param {string} text */
  setToolTip(text) {
    tell('tooltip', text);
  }
  /** @param {MenuItem[]} menu */
  setContextMenu(menu) {
    Tray.items = menu;
  }
  destroy() {
    tell('tray', 'gone');
  }
}

/** @typedef {{ label?: string, click?: () => void, submenu?: MenuItem[] }} MenuItem */

export const Menu = {
  /** @param {MenuItem[]} template */
  buildFromTemplate: (template) => template,
  /** @param {MenuItem[]} menu */
  setApplicationMenu: (menu) =>
    tell(
      'menu',
      menu.map(({ label }) => label ?? null),
    ),
};

export const nativeImage = { createFromPath: (/** @type {string} */ path) => path };
export const nativeTheme = { shouldUseDarkColors: false };
export const session = {
  defaultSession: {
    setPermissionRequestHandler: () => undefined,
    setPermissionCheckHandler: () => undefined,
    setDevicePermissionHandler: () => undefined,
  },
};
/** As weak as a key store can be, and one all the same: nothing that is sealed can be read as it is. ONEFOLD_STAND_IN_KEYS: `none` = a system without, else the user. */
const KEYS = process.env['ONEFOLD_STAND_IN_KEYS'] ?? 'none';
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => KEYS !== 'none',
  getSelectedStorageBackend: () => 'gnome_libsecret',
  /** @param {string} text */
  async encryptStringAsync(text) {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', createHash('sha256').update(KEYS).digest(), iv);
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  },
  /** @param {Buffer} sealed */
  async decryptStringAsync(sealed) {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      createHash('sha256').update(KEYS).digest(),
      sealed.subarray(0, 12),
    );
    decipher.setAuthTag(sealed.subarray(-16));
    const result = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
    return { result, shouldReEncrypt: false };
  },
};
export const shell = {
  openExternal: async (/** @type {string} */ address) => tell('open-external', address),
  openPath: async (/** @type {string} */ path) => tell('open-path', path),
  showItemInFolder: (/** @type {string} */ path) => tell('show-item', path),
};
export const dialog = {
  showOpenDialog: async () => ({
    filePaths: [process.env['ONEFOLD_STAND_IN_FOLDER'] ?? ''].filter((path) => path !== ''),
  }),
};

export class Notification extends EventEmitter {
  static isSupported = () => true;
  /** @param {{ title: string, body: string }} words */
  constructor(words) {
    super();
    this.words = words;
  }
  show() {
    tell('notification', this.words);
  }
}

export const utilityProcess = {
  /** @param {string} modulePath @param {string[]} args */
  fork(modulePath, args) {
    const worker = new Worker(modulePath, {
      argv: args,
      workerData: { isUtilityProcess: true },
      execArgv: ['--import', new URL('utility-port.mjs', import.meta.url).href],
    });
    const child = Object.assign(new EventEmitter(), {
      /** @param {unknown} data @param {object[]} ports */
      postMessage(data, ports = []) {
        const handed = ports.map(nodePort);
        worker.postMessage({ data, ports: handed }, handed);
      },
      kill: () => void worker.terminate(),
    });
    worker.once('online', () => child.emit('spawn'));
    worker.once('exit', (code) => child.emit('exit', code));
    worker.on('error', (error) => process.stderr.write(`stand-in engine: ${String(error)}\n`));
    return child;
  },
};
