'use strict';
/*
 * Loaded into Electron's main process ahead of the app (electron -r): what the app asks the system for becomes a line of JSON on stdout, as the
 * stand-in writes them, and a spec can play the person at the tray. The app's own code is not changed.
 */

/**
 * @param {any} electron
 * @param {(line: string) => void} write
 * @param {{ folder?: string }} [answers] what the folder dialog gives
 * @returns {(words: { click?: string, start?: true }) => void} plays a click in the tray's menu, or a second start
 */
function witness(electron, write, answers = {}) {
  /** @param {string} what @param {unknown} value */
  const tell = (what, value) => write(`${JSON.stringify({ what, value })}\n`);
  /** @type {any} */
  let menu = null;

  /** @param {any} owner @param {string} name @param {string} what @param {boolean} isPassedOn */
  function watch(owner, name, what, isPassedOn) {
    const original = owner[name];
    /** @this {any} @param {any[]} args */
    owner[name] = function (...args) {
      tell(what, args[0]);
      return isPassedOn ? original.apply(this, args) : Promise.resolve('');
    };
  }

  watch(electron.Tray.prototype, 'setToolTip', 'tooltip', true);
  // What would open on the desktop of whoever runs the tests.
  watch(electron.shell, 'showItemInFolder', 'show-item', false);
  watch(electron.shell, 'openExternal', 'open-external', false);
  watch(electron.shell, 'openPath', 'open-path', false);
  const setContextMenu = electron.Tray.prototype.setContextMenu;
  /** @this {any} @param {any} shown */
  electron.Tray.prototype.setContextMenu = function (shown) {
    menu = shown;
    setContextMenu.call(this, shown);
  };
  const show = electron.Notification.prototype.show;
  electron.Notification.prototype.show = function () {
    tell('notification', { title: this.title, body: this.body });
    show.call(this);
  };
  if (answers.folder !== undefined)
    electron.dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [answers.folder] });

  /** @param {string} label @param {any} items */
  function click(label, items) {
    for (const item of items) {
      if (item.label === label) item.click();
      if (item.submenu) click(label, item.submenu.items);
    }
  }
  return ({ click: label, start }) => {
    if (start === true) electron.app.emit('second-instance');
    if (typeof label === 'string' && menu !== null) click(label, menu.items);
  };
}

module.exports = { witness };

if (process.versions['electron'] !== undefined) {
  // @ts-ignore: only where Electron is
  const electron = require('electron');
  const folder = process.env['ONEFOLD_STAND_IN_FOLDER'];
  Object.assign(globalThis, {
    onefoldWitness: witness(
      electron,
      (line) => void process.stdout.write(line),
      folder === undefined ? {} : { folder },
    ),
  });
}
