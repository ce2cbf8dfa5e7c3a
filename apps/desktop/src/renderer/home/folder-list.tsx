import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FolderStatus } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { FolderPathForm } from '../parts/folder-path-form.tsx';
import { Icon } from '../parts/icons.tsx';
import { Mark } from '../parts/mark.tsx';
import { Section } from '../parts/section.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { formatBytes } from '../words/format.ts';

export function FolderList({ folders }: { readonly folders: readonly FolderStatus[] }) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const isEmpty = folders.length === 0;
  const addButton = (
    <button
      type="button"
      className={isEmpty ? 'button button-primary' : 'button-quiet'}
      aria-expanded={isAdding}
      onClick={() => setAdding(true)}
    >
      <Icon name="plus" sizePx={16} />
      {t('action.addFolder')}
    </button>
  );
  if (isEmpty)
    return isAdding ? <AddFolder onEnd={() => setAdding(false)} /> : <div className="empty">{addButton}</div>;
  return (
    <Section title={t('folders.title')} action={!isAdding && addButton}>
      {isAdding && <AddFolder onEnd={() => setAdding(false)} />}
      <ul className="rows">
        {folders.map((folder) => (
          <FolderRow key={folder.path} folder={folder} />
        ))}
      </ul>
    </Section>
  );
}

function FolderRow({ folder }: { readonly folder: FolderStatus }) {
  const { t, i18n } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();
  const { name, parent } = splitPath(folder.path);
  const state = folder.paused ? 'paused' : folder.state;
  const facts = [
    folder.namespace !== '' && t('folders.namespace', { name: folder.namespace }),
    t('detail.files', { count: folder.files }),
    folder.sizeBytes !== undefined && folder.sizeBytes > 0 && formatBytes(i18n.language, folder.sizeBytes),
  ].filter((fact) => fact !== false);
  const toggle = t(folder.paused ? 'action.resumeFolder' : 'action.pauseFolder', { name });
  return (
    <li className="row row-with-action">
      <Mark state={state} sizePx={20} />
      <div className="row-main">
        <div className="row-title">
          <FolderName name={name} />
          <bdi className="quiet cut" title={folder.path}>
            {parent}
          </bdi>
        </div>
        <FailureNote failure={failure} onDismiss={dismiss} />
      </div>
      <span className="row-end figures">
        <FolderState folder={folder} />
        {facts.length > 0 && <span className="quiet row-facts">{facts.join(' · ')}</span>}
      </span>
      <button
        type="button"
        className="button-quiet row-action"
        disabled={isBusy}
        aria-label={toggle}
        onClick={() => void ask(folder.paused ? 'resume' : 'pause', { folder: folder.path })}
      >
        <Icon name={folder.paused ? 'resume' : 'pause'} sizePx={16} />
        {t(folder.paused ? 'action.resume' : 'action.pause')}
      </button>
    </li>
  );
}

function FolderName({ name }: { readonly name: string }) {
  return <bdi className="folder-name">{name}</bdi>;
}

/** Nothing at all when the folder is safe. */
function FolderState({ folder }: { readonly folder: FolderStatus }) {
  const { t } = useTranslation();
  if (folder.paused || folder.state === 'paused') return <span>{t('folders.paused')}</span>;
  if (folder.state === 'attention') return <span className="amber">{t('folders.attention')}</span>;
  if (folder.state === 'offline') return <span>{t('folders.offline')}</span>;
  if (folder.pending > 0) return <span>{t('folders.pending', { count: folder.pending })}</span>;
  if (folder.state === 'syncing') return <span>{t('folders.syncing')}</span>;
  return null;
}

function AddFolder({ onEnd }: { readonly onEnd: () => void }) {
  const { t } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();

  async function add(path: string): Promise<void> {
    if ((await ask('add', { path })) !== null) onEnd();
  }

  return (
    <FolderPathForm
      label={t('folders.pathLabel')}
      action={t('action.add')}
      isBusy={isBusy}
      failure={failure}
      onDismiss={dismiss}
      onPath={(path) => void add(path)}
      onEnd={onEnd}
    />
  );
}
