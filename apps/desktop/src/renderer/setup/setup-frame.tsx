import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../parts/mark.tsx';
import type { Preferences } from '../preferences.ts';
import { PreferencesMenu } from '../shell/preferences-menu.tsx';

export interface SetupFrameProps {
  readonly title: string;
  readonly detail?: string;
  readonly preferences: Preferences;
  readonly onPreferences: (preferences: Preferences) => void;
  readonly children: ReactNode;
}

/** One step of the way to an account, without the rail: there is nowhere else to go yet. */
export function SetupFrame({ title, detail, preferences, onPreferences, children }: SetupFrameProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(title);
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
    // Another step is another page for whoever hears it; one that begins with a field has given it the focus.
    if (first.current !== title && document.activeElement === document.body) heading.current?.focus();
    first.current = title;
  }, [title, t]);
  return (
    <div className="setup-frame">
      <header className="setup-brand">
        <Mark sizePx={26} />
        <span>{t('app.name')}</span>
        <PreferencesMenu preferences={preferences} onChange={onPreferences} />
      </header>
      <main className="setup">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {detail !== undefined && <p className="quiet setup-detail">{detail}</p>}
        {children}
      </main>
    </div>
  );
}
