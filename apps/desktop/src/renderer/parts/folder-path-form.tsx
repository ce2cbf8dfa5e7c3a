import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseFolder } from './choose-folder.ts';
import { FailureNote } from './failure-note.tsx';
import type { Failure } from './session-context.tsx';

interface FolderPathFormProps {
  readonly label: string;
  readonly action: string;
  readonly isBusy: boolean;
  readonly failure: Failure | null;
  readonly onDismiss: () => void;
  readonly onPath: (path: string) => void;
  readonly onEnd: () => void;
}

/** Asks for the path of a folder: typed, or in the app chosen in the system's own dialog. */
export function FolderPathForm({ label, action, isBusy, failure, onDismiss, onPath, onEnd }: FolderPathFormProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState('');
  const inputId = useId();
  const hintId = useId();
  return (
    <form
      className="add-folder"
      onSubmit={(event) => {
        event.preventDefault();
        onPath(path.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onEnd();
      }}
    >
      <label htmlFor={inputId}>{label}</label>
      <div className="add-folder-line">
        {/* The person has just asked for this field. */}
        <input
          id={inputId}
          autoFocus
          spellCheck={false}
          autoComplete="off"
          aria-describedby={hintId}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        {chooseFolder !== null && (
          <button type="button" className="button" onClick={() => void chooseFolder?.(setPath)}>
            {t('folders.choose')}
          </button>
        )}
        <button type="submit" className="button button-primary" disabled={isBusy || path.trim() === ''}>
          {action}
        </button>
        <button type="button" className="button" onClick={onEnd}>
          {t('action.cancel')}
        </button>
      </div>
      <p id={hintId} className="quiet">
        {t('folders.pathHint')}
      </p>
      <FailureNote failure={failure} onDismiss={onDismiss} />
    </form>
  );
}
