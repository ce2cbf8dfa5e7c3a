/** Every screen of the page. Its name is also what the address says, after `#/`. */
export const SCREEN_NAMES = [
  'home',
  'activity',
  'search',
  'files',
  'versions',
  'past',
  'conflicts',
  'trash',
  'storage',
  'devices',
  'settings',
  'account',
] as const;
export type ScreenName = (typeof SCREEN_NAMES)[number];

/** What is shown: a screen and what of it. Values are any text, such as paths; each screen says what it understands. */
export interface Route {
  readonly screen: ScreenName;
  readonly query: Readonly<Record<string, string>>;
}

export const HOME_ROUTE: Route = { screen: 'home', query: {} };

/*
 * The address after `#` holds the route: it needs no server that knows the screens, so the same files serve the daemon's page, the
 * desktop window and a folder, and the browser keeps the history. Paths go into the query, whose escaping is exact for any text.
 */

/** @param hash such as `#/versions?folder=%2Fhome%2Fana&path=a.txt`. What names no screen is home. */
export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/u, '').split(/\?(.*)/su, 2);
  const screen = SCREEN_NAMES.find((name) => name === path);
  if (screen === undefined) return HOME_ROUTE;
  return { screen, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a screen, for a link. */
export function hrefOf(screen: ScreenName, query: Route['query'] = {}): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? `#/${screen}` : `#/${screen}?${text}`;
}
