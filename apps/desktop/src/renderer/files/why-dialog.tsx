import { useTranslation } from 'react-i18next';
import type { Reason } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useFailureWords } from '../parts/failure-note.tsx';
import { useAnswer } from '../parts/session-context.tsx';
import { attentionKey } from '../words/attention-words.ts';
import { formatMoment } from '../words/format.ts';

interface WhyDialogProps {
  readonly folder: string;
  readonly path: string;
  readonly onClose: () => void;
}

/** Why an entry is not in step, in plain words, the reason that weighs most first. */
export function WhyDialog({ folder, path, onClose }: WhyDialogProps) {
  const { t } = useTranslation();
  const failureWords = useFailureWords();
  const { answer, failure } = useAnswer('explain', { folder, path });
  const { name, parent } = splitPath(path);
  return (
    <Dialog title={t('files.whyTitle', { name })} onClose={onClose}>
      {parent !== '' && <p className="quiet">{parent}</p>}
      <ul className="reasons" aria-live="polite">
        {answer?.reasons.map((reason, index) => (
          <li key={index}>
            <ReasonWords reason={reason} />
          </li>
        ))}
        {failure !== null && <li>{failureWords(failure)}</li>}
      </ul>
    </Dialog>
  );
}

function ReasonWords({ reason }: { readonly reason: Reason }) {
  const { t, i18n } = useTranslation();
  const causeKey = reason.cause === undefined ? null : attentionKey(reason.cause);
  return (
    <>
      <p>{t(`files.reasons.${reason.code}`)}</p>
      {causeKey !== null && <p className="quiet">{t(causeKey)}</p>}
      {reason.retryAtMs !== undefined && (
        <p className="quiet">{t('files.retryAt', { when: formatMoment(i18n.language, reason.retryAtMs) })}</p>
      )}
    </>
  );
}
