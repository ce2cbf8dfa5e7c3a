import { useTranslation } from 'react-i18next';
import { Mark } from './mark.tsx';
import { useModelPart, useSession } from './session-context.tsx';

/** Says that the daemon is gone, and that what is shown is as it was then. Nothing while it is there. */
export function LineNotice() {
  const { t } = useTranslation();
  const { isEngineRestarted } = useSession();
  const isLost = useModelPart(({ line }) => line === 'lost');
  return (
    <div className="line-notice" role="status">
      {isLost && (
        <>
          <Mark state="offline" sizePx={20} />
          <p>
            <strong>{t('truth.lost')}</strong> {t('detail.asOfThen')}{' '}
            {t(isEngineRestarted ? 'detail.lostWindow' : 'detail.lost')}
          </p>
        </>
      )}
    </div>
  );
}
