import { useSyncExternalStore } from 'react';
import { hrefOf, readRoute } from './route.ts';
import type { Route, ScreenName } from './route.ts';

let known: { readonly hash: string; readonly route: Route } | null = null;

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** The same object as long as the address is the same. */
function currentRoute(): Route {
  if (known?.hash !== location.hash) known = { hash: location.hash, route: readRoute(location.hash) };
  return known.route;
}

/** What is to be shown. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, currentRoute, currentRoute);
}

/** Goes to a screen, as a link there would. */
export function goTo(screen: ScreenName, query: Route['query'] = {}): void {
  location.hash = hrefOf(screen, query);
  // The browser tells only later, and whoever called a screen by its keys may be typing by then.
  tell();
}

/** Changes what the address says of the screen that is shown, without a step that "back" would undo. */
export function replaceQuery(query: Route['query']): void {
  const { screen } = currentRoute();
  history.replaceState(history.state, '', hrefOf(screen, query));
  // replaceState tells nobody.
  tell();
}

function tell(): void {
  dispatchEvent(new HashChangeEvent('hashchange'));
}
