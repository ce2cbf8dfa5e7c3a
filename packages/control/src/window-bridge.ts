/**
 * How a desktop window's page reaches the engine: the page calls the bridge, the preload asks the main process for a line by these
 * messages, the main process joins the page and the engine's process by a MessagePort and steps aside.
 */
export const WINDOW_MESSAGES = {
  /** Page to main, with a line number: asks for a line. */
  openLine: 'onefold:open-line',
  /** Main to page, with the line number and one port: the line. */
  line: 'onefold:line',
  /** Main to page: the engine's process ended, and every line with it; or it does not run, and the line asked for ended at once. */
  linesEnded: 'onefold:lines-ended',
  /** Page to main and back: one call of APP_CALLS. */
  appCall: 'onefold:app-call',
} as const;

/** The page's global of this name is a WindowBridge, in a desktop window only. */
export const WINDOW_BRIDGE_NAME = 'onefold';

/** Plain functions and strings: the only things that cross from the preload into the page. */
export interface WindowBridge {
  /** Opens a line to the engine. `message` is called for each message until `ended` is, once. */
  readonly open: (message: (text: string) => void, ended: () => void) => BridgeLine;
  /** One call of APP_CALLS. Resolves with an AppAnswer; rejects only when the app is going. */
  readonly askApp: (name: string, args: unknown) => Promise<unknown>;
}

export interface BridgeLine {
  readonly send: (text: string) => void;
  readonly close: () => void;
}
