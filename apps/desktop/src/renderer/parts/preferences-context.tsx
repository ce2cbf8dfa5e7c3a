import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';
import type { Preferences } from '../preferences.ts';

interface Choice {
  readonly preferences: Preferences;
  readonly onPreferences: (preferences: Preferences) => void;
}

const PreferencesContext = createContext<Choice | null>(null);

export function PreferencesProvider({ value, children }: { readonly value: Choice; readonly children: ReactNode }) {
  return <PreferencesContext value={value}>{children}</PreferencesContext>;
}

export function usePreferences(): Choice {
  const choice = useContext(PreferencesContext);
  if (choice === null) throw new Error('no preferences around this part of the page');
  return choice;
}
