import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { nodePort } from './ports.mjs';

/** Where the page's own scheme is served: Chromium knows no other schemes than the web's. */
const SERVED_AT = 'http://page.onefold.localhost';
const PAGE_SCRIPT = readFileSync(new URL('page-script.js', import.meta.url), 'utf8');

/** @type {((request: { url: string }) => Promise<Response>) | null} */
let handler = null;
/** @type {Promise<import('@playwright/test').BrowserContext> | null} */
let context = null;
/** @type {Set<BrowserWindow>} */
const windows = new Set();
export const ipcMain = Object.assign(new EventEmitter(), {
  /** @type {Map<string, (event: object, ...args: unknown[]) => unknown>} */
  handlers: new Map(),
  /** @param {string} channel @param {(event: object, ...args: unknown[]) => unknown} answer */
  handle: (channel, answer) => void ipcMain.handlers.set(channel, answer),
});

export const protocol = {
  registerSchemesAsPrivileged: () => undefined,
  /** @param {string} _scheme @param {(request: { url: string }) => Promise<Response>} answer */
  handle: (_scheme, answer) => void (handler = answer),
};

/** The one browser; a spec drives it through the debugging port that ONEFOLD_STAND_IN_PORT names. */
async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env['ONEFOLD_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [`--remote-debugging-port=${process.env['ONEFOLD_STAND_IN_PORT'] ?? '0'}`],
  });
  return browser.newContext({ viewport: { width: 1160, height: 800 } });
}

export async function closeBrowser() {
  await (await context)?.browser()?.close();
}

/** @param {string} url */
const inside = (url) => url.replace('onefold://page', SERVED_AT);
/** @param {string} url */
const outside = (url) => url.replace(SERVED_AT, 'onefold://page');

export class BrowserWindow extends EventEmitter {
  static getAllWindows = () => [...windows];

  /** @param {{ webPreferences: { preload: string } }} options */
  constructor(options) {
    super();
    this.preload = readFileSync(options.webPreferences.preload, 'utf8');
    /** @type {import('@playwright/test').Page | null} */
    this.page = null;
    /** @type {Map<number, import('node:worker_threads').MessagePort>} */
    this.ports = new Map();
    this.nextPort = 1;
    windows.add(this);
    this.webContents = {
      /** @param {string} channel @param {unknown[]} args */
      send: (channel, ...args) => this.#deliver(channel, args, []),
      /** @param {string} channel @param {unknown} message @param {object[]} ports */
      postMessage: (channel, message, ports) =>
        this.#deliver(
          channel,
          [message],
          ports.map((port) => this.#adopt(nodePort(port))),
        ),
    };
  }

  /** @param {string} url */
  async loadURL(url) {
    const page = await (await (context ??= openBrowser())).newPage();
    this.page = page;
    await page.exposeBinding('__standInIpc', ({ frame }, kind, channel, args) => {
      const event = { sender: this.webContents, senderFrame: { url: outside(frame.url()) } };
      if (kind === 'send') return void ipcMain.emit(channel, event, ...args);
      const answer = ipcMain.handlers.get(channel);
      if (answer === undefined) throw new Error(`nothing answers ${channel}`);
      return answer(event, ...args);
    });
    await page.exposeBinding('__standInPort', (_source, id, kind, data) => {
      const port = this.ports.get(id);
      if (kind === 'message') port?.postMessage(data);
      else port?.close();
    });
    await page.addInitScript(PAGE_SCRIPT);
    await page.addInitScript(
      `((module, exports, require) => {${this.preload}\n})({ exports: {} }, {}, () => globalThis.__standIn.electron);`,
    );
    await page.route(`${SERVED_AT}/**`, async (route) => {
      const response =
        (await handler?.({ url: outside(route.request().url()) })) ?? new Response(null, { status: 404 });
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      });
    });
    page.on('close', () => {
      windows.delete(this);
      this.emit('closed');
    });
    await page.goto(inside(url));
    this.emit('ready-to-show');
  }

  show() {}
  focus() {}
  restore() {}
  isMinimized = () => false;
  close() {
    void this.page?.close();
  }

  /** @param {import('node:worker_threads').MessagePort} port */
  #adopt(port) {
    const id = this.nextPort++;
    this.ports.set(id, port);
    port.on('message', (data) => this.#tell(id, 'message', data));
    port.on('close', () => {
      this.ports.delete(id);
      this.#tell(id, 'close', null);
    });
    return id;
  }

  /** A page that is gone hears nothing. @param {number} id @param {string} kind @param {unknown} data */
  #tell(id, kind, data) {
    this.page
      ?.evaluate(([a, b, c]) => globalThis.__standIn.fromPort(a, b, c), /** @type {const} */ ([id, kind, data]))
      .catch(() => undefined);
  }

  /** @param {string} channel @param {unknown[]} args @param {number[]} ports */
  #deliver(channel, args, ports) {
    this.page
      ?.evaluate(([a, b, c]) => globalThis.__standIn.deliver(a, b, c), /** @type {const} */ ([channel, args, ports]))
      .catch(() => undefined);
  }
}
