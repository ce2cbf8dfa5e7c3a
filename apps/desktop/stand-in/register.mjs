/*
 * An honest stand-in for Electron, for machines that have none: the unmodified bundles run in Node, their window is a page of Chromium, their
 * engine's process a thread. It proves what the bundles do with Electron's calls. It says nothing of Electron's own sandbox, its
 * protocol handlers, its tray, its updater.
 *
 *   node --import ./stand-in/register.mjs out/main/index.js
 */
import { registerHooks } from 'node:module';

const STAND_IN = new URL('electron.mjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    return specifier === 'electron' ? { url: STAND_IN, shortCircuit: true } : next(specifier, context);
  },
});
Object.defineProperty(process, 'resourcesPath', { value: new URL('.', import.meta.url).pathname });
