import { contextBridge, ipcRenderer } from 'electron';
import { WINDOW_BRIDGE_NAME, WINDOW_MESSAGES } from '@onefold/control';
import type { WindowBridge } from '@onefold/control';
import { createBridge } from './bridge.ts';

const bridge = createBridge({ ask: (line) => ipcRenderer.send(WINDOW_MESSAGES.openLine, line) });

ipcRenderer.on(WINDOW_MESSAGES.line, (event, line: number) => {
  const [port] = event.ports;
  if (port !== undefined) bridge.given(line, port);
});
ipcRenderer.on(WINDOW_MESSAGES.linesEnded, () => bridge.allEnded());

const exposed: WindowBridge = {
  open: bridge.open,
  askApp: (name, args) => ipcRenderer.invoke(WINDOW_MESSAGES.appCall, name, args),
};
contextBridge.exposeInMainWorld(WINDOW_BRIDGE_NAME, exposed);
