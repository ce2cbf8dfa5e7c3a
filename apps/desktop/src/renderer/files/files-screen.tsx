import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TreePlace } from '../model/file-tree.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { useRoute } from '../route/use-route.ts';
import { FileTreeView } from './file-tree-view.tsx';
import { useFileTree } from './use-file-tree.ts';
import { WhyDialog } from './why-dialog.tsx';

/** Everything that is kept, as a tree, and how each of it stands. */
export function FilesScreen() {
  const { t } = useTranslation();
  const { query } = useRoute();
  const { folder, path } = query;
  const shown = useMemo(() => (folder === undefined || path === undefined ? null : { folder, path }), [folder, path]);
  const { rows, setOpen, failure, dismiss } = useFileTree(shown);
  const [asked, setAsked] = useState<TreePlace | null>(null);
  return (
    <div className="page">
      <PageHeading title={t('files.title')} detail={t('files.detail')} />
      <FailureNote failure={failure} onDismiss={dismiss} />
      {rows.count === 0 ? (
        <EmptyState icon="folder" text={t('files.none')} />
      ) : (
        <FileTreeView rows={rows} shown={shown} onOpen={setOpen} onAskWhy={setAsked} />
      )}
      {asked !== null && <WhyDialog {...asked} onClose={() => setAsked(null)} />}
    </div>
  );
}
