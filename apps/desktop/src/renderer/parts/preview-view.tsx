import { useTranslation } from 'react-i18next';
import type { Preview } from '@onefold/control';
import { TextDiff } from './text-diff.tsx';

interface PreviewViewProps {
  readonly preview: Preview;
  /** What it is a look at, for those who cannot see it. */
  readonly label: string;
}

/** Bytes as they are, or in plain words why they are not shown. */
export function PreviewView({ preview, label }: PreviewViewProps) {
  const { t } = useTranslation();
  switch (preview.kind) {
    case 'image':
      return <img className="look-image" src={`data:${preview.mediaType};base64,${preview.base64}`} alt={label} />;
    case 'text':
      return (
        <>
          {preview.text === '' ? (
            <p className="quiet">{t('look.empty')}</p>
          ) : (
            <pre className="look-text" role="region" aria-label={label} tabIndex={0}>
              {preview.text}
            </pre>
          )}
          {preview.isCut && <p className="quiet">{t('look.cut')}</p>}
        </>
      );
    case 'none':
      return <p className="look-none quiet">{t(preview.why === 'too-large' ? 'look.tooLarge' : 'look.otherKind')}</p>;
  }
}

interface CompareViewProps {
  readonly before: Preview;
  readonly after: Preview;
  readonly beforeWord: string;
  readonly afterWord: string;
  readonly arePeers?: boolean;
}

/** Two sides beside each other: texts line by line, anything else each as it is. */
export function CompareView({ before, after, beforeWord, afterWord, arePeers = false }: CompareViewProps) {
  const { t } = useTranslation();
  if (before.kind === 'text' && after.kind === 'text')
    return (
      <div className="look-diff" role="region" aria-label={`${beforeWord} / ${afterWord}`} tabIndex={0}>
        <TextDiff
          before={before.text}
          after={after.text}
          beforeWord={beforeWord}
          afterWord={afterWord}
          arePeers={arePeers}
          isCut={before.isCut || after.isCut}
        />
        {(before.isCut || after.isCut) && <p className="quiet">{t('look.cut')}</p>}
      </div>
    );
  return (
    <div className="look-pair">
      {[
        { word: beforeWord, preview: before },
        { word: afterWord, preview: after },
      ].map(({ word, preview }) => (
        <figure key={word}>
          <figcaption className="quiet">{word}</figcaption>
          <PreviewView preview={preview} label={word} />
        </figure>
      ))}
    </div>
  );
}
