import { useId, useLayoutEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icons.tsx';

interface DialogProps {
  readonly title: string;
  /** Called once for every way out: Escape, a click beside it, the close button. The owner then takes the dialog away. */
  readonly onClose: () => void;
  readonly size?: 'small' | 'wide';
  readonly children: ReactNode;
  /** Buttons, the one that goes on at the end. */
  readonly actions?: ReactNode;
}

/**
 * The browser's own modal dialog: it keeps the focus inside, gives it back, and makes the rest inert without a style sheet made at run
 * time, which the page's policy forbids. It is open as long as it is rendered.
 */
export function Dialog({ title, onClose, size = 'small', children, actions }: DialogProps) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before it leaves the page: only a dialog that is still in it gives the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        // The dialog itself is hit only beside its content.
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          {/* Without a tooltip: that would take the Escape which is meant for the dialog. */}
          <button type="button" className="button-icon" aria-label={t('action.close')} onClick={onClose}>
            <Icon name="close" sizePx={16} />
          </button>
        </header>
        {children}
        {actions !== undefined && <footer className="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
