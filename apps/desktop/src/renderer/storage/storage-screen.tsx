import { useTranslation } from 'react-i18next';
import type { FileKind, StoragePart } from '@onefold/control';
import { distinctName, splitPath } from '../model/names.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { Segments } from '../parts/segments.tsx';
import { Select } from '../parts/select.tsx';
import { useAnswer, useFolderPaths, useModelPart } from '../parts/session-context.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo, replaceQuery, useRoute } from '../route/use-route.ts';
import { formatBytes } from '../words/format.ts';
import { ShareTable } from './share-table.tsx';
import { StorageFacts } from './storage-facts.tsx';
import { TreeMapView } from './tree-map-view.tsx';

const SIDES = ['here', 'server'] as const;
const KIND_WORDS: Readonly<Record<FileKind, `storage.kinds.${FileKind}`>> = {
  documents: 'storage.kinds.documents',
  images: 'storage.kinds.images',
  video: 'storage.kinds.video',
  audio: 'storage.kinds.audio',
  archives: 'storage.kinds.archives',
  code: 'storage.kinds.code',
  other: 'storage.kinds.other',
};

/** What takes the space, by folder and by kind. The address says of which `folder`, from which `path` down, and on which `side`. */
export function StorageScreen() {
  const { t, i18n } = useTranslation();
  const { query } = useRoute();
  const folders = useFolderPaths();
  const state = useModelPart(({ status }) => status?.state);
  const folder = folders.find((path) => path === query['folder']) ?? folders[0];
  const path = query['path'] ?? '';
  const side = SIDES.find((name) => name === query['side']) ?? 'here';
  const args = folder === undefined ? null : { folder, path, side };
  const { answer, failure, again } = useAnswer('storage', args, 0, state);
  if (folder === undefined)
    return (
      <div className="page">
        <PageHeading title={t('storage.title')} detail={t('storage.detail')} />
        <EmptyState icon="storage" text={t('files.none')} />
      </div>
    );
  const whole = answer?.parts[0];
  const placed = (to: string): Record<string, string> => ({ folder, path: to, side });
  const kinds = [...(answer?.kinds ?? [])].sort((a, b) => b.sizeBytes - a.sizeBytes);
  return (
    <div className="page">
      <PageHeading
        title={t('storage.title')}
        detail={
          whole === undefined
            ? t('storage.detail')
            : [formatBytes(i18n.language, whole.sizeBytes), t('detail.files', { count: whole.count })].join(' · ')
        }
      />
      <div className="tools">
        {folders.length > 1 && (
          <Select
            label={t('settings.folder')}
            value={folder}
            options={folders.map((value) => ({ value, word: distinctName(value, folders) }))}
            onChange={(value) => replaceQuery({ folder: value, side })}
          />
        )}
        <Segments
          label={t('storage.side')}
          value={side}
          options={SIDES.map((value) => ({ value, word: t(`storage.${value}`) }))}
          onChange={(value) => replaceQuery({ folder, path, side: value })}
        />
      </div>
      <FailureNote failure={failure} onDismiss={again} />
      {answer !== null && <StorageFacts answer={answer} />}
      <Crumbs folder={folder} path={path} hrefFor={(to) => hrefOf('storage', placed(to))} />
      {whole !== undefined && whole.sizeBytes === 0 && <EmptyState icon="storage" text={t('storage.nothing')} />}
      {answer !== null && whole !== undefined && whole.sizeBytes > 0 && (
        <>
          <TreeMapView parts={answer.parts} onOpen={(to) => goTo('storage', placed(to))} />
          <ShareTable
            title={t('storage.byFolder')}
            what={t('storage.name')}
            wholeBytes={whole.sizeBytes}
            shares={answer.parts
              .filter(({ parent }) => parent === 0)
              .sort((a, b) => b.sizeBytes - a.sizeBytes)
              .map((part) => ({
                key: part.id,
                sizeBytes: part.sizeBytes,
                count: part.count,
                name: <PartName part={part} href={hrefOf('storage', placed(part.path))} />,
              }))}
          />
          <ShareTable
            title={t('storage.byKind')}
            what={t('storage.kind')}
            wholeBytes={whole.sizeBytes}
            shares={kinds.map(({ kind, sizeBytes, count }) => ({
              key: kind,
              name: t(KIND_WORDS[kind]),
              sizeBytes,
              count,
            }))}
          />
        </>
      )}
    </div>
  );
}

function PartName({ part, href }: { readonly part: StoragePart; readonly href: string }) {
  const { t } = useTranslation();
  if (part.kind === 'rest') return <span className="quiet">{t('storage.rest')}</span>;
  if (part.kind === 'file') return <bdi>{part.name}</bdi>;
  return (
    <a className="row-link" href={href}>
      <bdi>{part.name}</bdi>
    </a>
  );
}

interface CrumbsProps {
  readonly folder: string;
  readonly path: string;
  readonly hrefFor: (path: string) => string;
}

/** The way from the kept folder to what is shown. */
function Crumbs({ folder, path, hrefFor }: CrumbsProps) {
  const { t } = useTranslation();
  const names = path === '' ? [] : path.split('/');
  const steps = [splitPath(folder).name, ...names].map((name, index) => ({
    name,
    to: names.slice(0, index).join('/'),
  }));
  return (
    <nav className="crumbs" aria-label={t('storage.way')}>
      <ol>
        {steps.map(({ name, to }) => (
          <li key={to}>{to === path ? <bdi aria-current="location">{name}</bdi> : <a href={hrefFor(to)}>{name}</a>}</li>
        ))}
      </ol>
    </nav>
  );
}
