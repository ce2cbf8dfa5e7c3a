import { useTranslation } from 'react-i18next';
import { splitPath } from '../model/names.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { useAnswer, useModel } from '../parts/session-context.tsx';
import { hrefOf } from '../route/route.ts';
import { useRoute } from '../route/use-route.ts';
import { VersionRow } from './version-row.tsx';

/** Every version of one file that is kept, newest first. The address names the file: `folder` and `path`. */
export function VersionsScreen() {
  const { t } = useTranslation();
  const { query } = useRoute();
  const { folder = '', path = '' } = query;
  const { activity } = useModel();
  // What happened to the file makes a new version.
  const newest = activity.find((item) => item.folder === folder && item.path === path)?.id ?? '';
  const args = folder === '' || path === '' ? null : { folder, path };
  const { answer, failure, again } = useAnswer('versions', args, newest);
  const { name, parent } = splitPath(path);
  return (
    <div className="page">
      <PageHeading
        title={name === '' ? t('versions.title') : name}
        detail={[splitPath(folder).name, parent].filter((part) => part !== '').join(' / ')}
        actions={
          <a className="button" href={hrefOf('files')}>
            {t('versions.toFiles')}
          </a>
        }
      />
      <FailureNote failure={failure} onDismiss={again} />
      {args === null && <EmptyState icon="clock" text={t('versions.choose')} />}
      {answer !== null && (
        <section aria-label={t('versions.title')}>
          <ul className="rows">
            {answer.versions.map((version) => (
              <li key={version.version} className="row row-activity row-with-action">
                <VersionRow folder={folder} path={path} version={version} onRestored={again} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
