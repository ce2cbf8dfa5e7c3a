import { useTranslation } from 'react-i18next';
import { PageHeading } from '../parts/page-heading.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { replaceQuery, useRoute } from '../route/use-route.ts';
import { BandwidthPart } from './bandwidth-part.tsx';
import { DiagnosticsPart } from './diagnostics-part.tsx';
import { FoldersPart } from './folders-part.tsx';
import { GeneralPart } from './general-part.tsx';
import { NetworkPart } from './network-part.tsx';

const PARTS = ['general', 'folders', 'bandwidth', 'network', 'diagnostics'] as const;
type Part = (typeof PARTS)[number];

/** What a person sets on this device, a part at a time. Everything holds as soon as it is set. */
export function SettingsScreen() {
  const { t } = useTranslation();
  const { query } = useRoute();
  const part: Part = PARTS.find((name) => name === query['part']) ?? 'general';
  return (
    <div className="page">
      <PageHeading title={t('settings.title')} detail={t('settings.detail')} />
      <Tabs
        label={t('settings.title')}
        value={part}
        tabs={PARTS.map((value) => ({ value, word: t(`settings.${value}`) }))}
        onChange={(value) => replaceQuery({ ...query, part: value })}
      >
        {part === 'general' && <GeneralPart />}
        {part === 'folders' && <FoldersPart />}
        {part === 'bandwidth' && <BandwidthPart />}
        {part === 'network' && <NetworkPart />}
        {part === 'diagnostics' && <DiagnosticsPart />}
      </Tabs>
    </div>
  );
}
