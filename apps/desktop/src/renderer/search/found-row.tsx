import { useTranslation } from 'react-i18next';
import type { FoundEntry } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { FileName } from '../parts/file-name.tsx';
import { Icon, KIND_ICONS } from '../parts/icons.tsx';
import { Row } from '../parts/row.tsx';
import { ShowInFolder } from '../parts/show-in-folder.tsx';
import { hrefOf } from '../route/route.ts';
import { formatBytes } from '../words/format.ts';

/** One hit: its name leads to where it stands, or, when it is deleted, to what can be had back. */
export function FoundRow({ entry }: { readonly entry: FoundEntry }) {
  const { t, i18n } = useTranslation();
  const { folder, path, kind, state, isDeleted, sizeBytes } = entry;
  const { name, parent } = splitPath(path);
  const place = { folder, path };
  const versions = hrefOf('versions', place);
  const isFile = kind === 'file';
  const size = isFile ? formatBytes(i18n.language, sizeBytes) : '';
  return (
    <Row
      state={<Icon name={isDeleted ? 'deleted' : KIND_ICONS[kind]} sizePx={16} />}
      title={
        <a className="row-link" href={isDeleted && isFile ? versions : hrefOf('files', isDeleted ? {} : place)}>
          <FileName name={name} />
        </a>
      }
      words={[splitPath(folder).name, ...parent.split('/')].filter((part) => part !== '').join(' / ')}
      end={
        <>
          {isDeleted && <span>{t('search.deleted')}</span>}
          {!isDeleted && state !== 'safe' && (
            <span className={state === 'attention' || state === 'not-yet-safe' ? 'amber' : ''}>
              {t(`files.states.${state}`)}
            </span>
          )}
          {size !== '' && <span className="figures">{size}</span>}
        </>
      }
      action={
        <>
          {!isDeleted && <ShowInFolder place={place} name={name} />}
          {!isDeleted && (
            <a className="button-quiet" href={hrefOf('files', place)} aria-label={t('search.showOf', { name })}>
              {t('search.show')}
            </a>
          )}
          {isFile && (
            <a className="button-quiet" href={versions} aria-label={t('files.versionsOf', { name })}>
              {t('files.versions')}
            </a>
          )}
        </>
      }
    />
  );
}
