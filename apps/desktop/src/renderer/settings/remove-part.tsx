import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Section } from '../parts/section.tsx';
import { useAsking, useModelPart } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';

/** The end of a folder's keeping on this device; what is in it stays wherever it is. */
export function RemovePart({ folder }: { readonly folder: string }) {
  const { t } = useTranslation();
  const tell = useTell();
  const pending = useModelPart(({ status }) => status?.folders.find(({ path }) => path === folder)?.pending ?? 0);
  const [isAsked, setAsked] = useState(false);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const { name } = splitPath(folder);
  const remove = async () => {
    if ((await ask('remove', { path: folder })) === null) return;
    tell(t('settings.removed', { name }));
    setAsked(false);
  };
  return (
    <Section title={t('settings.remove')}>
      <p className="quiet">{t('settings.removeWhat')}</p>
      <p className="section-act">
        <Button onClick={() => setAsked(true)}>{t('settings.removeOpen')}</Button>
      </p>
      {isAsked && (
        <Dialog
          title={t('settings.removeTitle', { name })}
          onClose={() => setAsked(false)}
          actions={
            <>
              <Button onClick={() => setAsked(false)}>{t('action.cancel')}</Button>
              <Button kind="danger" disabled={isBusy} onClick={() => void remove()}>
                {t('settings.removeDo')}
              </Button>
            </>
          }
        >
          <p>{t('settings.removeWhat')}</p>
          <p className="quiet">
            <bdi>{folder}</bdi>
          </p>
          {pending > 0 && <p className="amber">{t('settings.removePending')}</p>}
          <FailureNote failure={failure} onDismiss={dismiss} />
        </Dialog>
      )}
    </Section>
  );
}
