import { useTranslation } from 'react-i18next';
import { createAppClient } from '@onefold/control';
import { Button } from './button.tsx';
import { useFailureWords } from './failure-note.tsx';
import { toFailure } from './session-context.tsx';
import { useTell } from './toast.tsx';

interface ShowInFolderProps {
  /** The kept folder's absolute path, and what is meant inside it. */
  readonly place: { readonly folder: string; readonly path: string };
  readonly name: string;
}

/** Opens the system's file manager where an entry stands. A page in a browser cannot: there it is nothing. */
export function ShowInFolder({ place, name }: ShowInFolderProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const failureWords = useFailureWords();
  const bridge = window.onefold;
  if (bridge === undefined) return null;
  const show = (): void => {
    const app = createAppClient((call, args) => bridge.askApp(call, args));
    app.call('showInFolder', place).catch((thrown: unknown) => tell(failureWords(toFailure(thrown))));
  };
  return (
    <Button kind="quiet" aria-label={t('search.openOf', { name })} onClick={show}>
      {t('search.open')}
    </Button>
  );
}
