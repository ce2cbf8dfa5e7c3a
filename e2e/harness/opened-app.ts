import type { Page } from '@playwright/test';

/** One line of what the app asked the system for. */
export interface Asked {
  readonly what: string;
  readonly value: unknown;
}

/** The desktop app's unmodified bundles, on the stand-in for Electron or in Electron itself. */
export interface AppWindow {
  /** The window that is open; waits for one. */
  page(): Promise<Page>;
  readonly asked: readonly Asked[];
  /** Plays the person at the tray, or a second start of the app. */
  say(words: { readonly click?: string; readonly start?: true }): void;
  /** Ends as a quit does, and gives the exit code. */
  quit(): Promise<number | null>;
  readonly ended: Promise<number | null>;
  isRunning(): boolean;
}
