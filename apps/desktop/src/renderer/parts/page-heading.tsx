import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LineNotice } from './line-notice.tsx';

interface PageHeadingProps {
  readonly title: string;
  /** One line on what the screen is for, or what it shows now. */
  readonly detail?: ReactNode;
  /** What can be done here; at most one of them primary. */
  readonly actions?: ReactNode;
}

/** The top of every screen but home, and the name of the window while it is shown. */
export function PageHeading({ title, detail, actions }: PageHeadingProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  return (
    <>
      <LineNotice />
      <header className="page-heading">
        <div className="page-heading-words">
          <h1>{title}</h1>
          {detail !== undefined && <p className="quiet">{detail}</p>}
        </div>
        {actions !== undefined && <div className="page-heading-actions">{actions}</div>}
      </header>
    </>
  );
}
