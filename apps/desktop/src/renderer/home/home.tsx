import { useModelPart } from '../parts/session-context.tsx';
import { ActivityList } from './activity-list.tsx';
import { AttentionList } from './attention-list.tsx';
import { DeviceList } from './device-list.tsx';
import { FolderList } from './folder-list.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { TruthHeading } from './truth-heading.tsx';

/** The sentence of truth, what moves, what needs a person, and then the rest, quietly. */
export function Home() {
  const line = useModelPart((model) => model.line);
  const status = useModelPart((model) => model.status);
  return (
    <div className={line === 'lost' ? 'home home-stale' : 'home'}>
      <TruthHeading />
      {line === 'open' && status?.progress !== undefined && <ProgressPanel progress={status.progress} />}
      {status !== null && (
        <>
          <AttentionList items={status.attention} />
          <FolderList folders={status.folders} />
          {status.folders.length > 0 && (
            <>
              <DeviceList />
              <ActivityList />
            </>
          )}
        </>
      )}
    </div>
  );
}
