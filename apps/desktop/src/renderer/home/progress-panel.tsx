import { useTranslation } from 'react-i18next';
import type { InFlight, Progress } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { ratioOf } from '../model/progress.ts';
import { FileName } from '../parts/file-name.tsx';
import { Icon } from '../parts/icons.tsx';
import { useModelPart } from '../parts/session-context.tsx';
import { formatBytes, formatDuration, formatPercent, formatSpeed } from '../words/format.ts';
import { ThroughputChart } from './throughput-chart.tsx';

const SHOWN_IN_FLIGHT = 6;

/** Only there while something moves: how far, how fast, how long, and which files. */
export function ProgressPanel({ progress }: { readonly progress: Progress }) {
  const { t, i18n } = useTranslation();
  const hasSamples = useModelPart(({ throughput }) => throughput.length > 0);
  const ratio = ratioOf(progress);
  const facts = [
    t('progress.files', { done: progress.filesDone, count: progress.filesTotal }),
    progress.bytesTotal > 0 &&
      t('progress.bytes', {
        done: formatBytes(i18n.language, progress.bytesDone),
        total: formatBytes(i18n.language, progress.bytesTotal),
      }),
    formatSpeed(i18n.language, progress.bytesPerSecond),
    progress.secondsLeft !== null && t('progress.left', { left: formatDuration(i18n.language, progress.secondsLeft) }),
  ].filter((fact) => fact !== false);
  return (
    <section className="progress" aria-label={t('progress.label')}>
      <Bar ratio={ratio} label={t('progress.label')} text={facts.join(', ')} />
      <p className="progress-facts figures">
        <span>
          {facts.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </span>
        <span>{formatPercent(i18n.language, ratio)}</span>
      </p>
      {hasSamples && <ThroughputChart />}
      {progress.inFlight.length > 0 && (
        <ul className="flights" aria-label={t('progress.inFlight')}>
          {progress.inFlight.slice(0, SHOWN_IN_FLIGHT).map((file) => (
            <Flight key={`${file.direction} ${file.folder ?? ''} ${file.path}`} file={file} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Flight({ file }: { readonly file: InFlight }) {
  const { t, i18n } = useTranslation();
  const { name, parent } = splitPath(file.path);
  const ratio = file.bytesTotal === 0 ? 0 : file.bytesDone / file.bytesTotal;
  return (
    <li className="flight">
      <Icon name={file.direction} sizePx={16} />
      <span className="flight-name">
        <FileName name={name} />
        {parent !== '' && <bdi className="quiet cut">{parent}</bdi>}
      </span>
      <span className="quiet figures">{formatBytes(i18n.language, file.bytesTotal)}</span>
      <Bar
        ratio={ratio}
        label={t(file.direction === 'up' ? 'progress.fileUp' : 'progress.fileDown', { name })}
        text={formatPercent(i18n.language, ratio)}
        isThin
      />
    </li>
  );
}

interface BarProps {
  readonly ratio: number;
  readonly label: string;
  readonly text: string;
  readonly isThin?: boolean;
}

function Bar({ ratio, label, text, isThin = false }: BarProps) {
  const part = Math.max(0, Math.min(1, ratio));
  return (
    <div
      className={isThin ? 'bar bar-thin' : 'bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(part * 100)}
      aria-valuetext={text}
    >
      <div className="bar-done" style={{ transform: `scaleX(${part})` }} />
    </div>
  );
}
