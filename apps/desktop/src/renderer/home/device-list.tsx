import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceStatus } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Icon } from '../parts/icons.tsx';
import { useAgo } from '../parts/relative-time.tsx';
import { Section } from '../parts/section.tsx';
import { useModelPart } from '../parts/session-context.tsx';

export function DeviceList() {
  const { t } = useTranslation();
  const devices = useModelPart((model) => model.devices);
  const uploading = useModelPart((model) => model.uploading);
  if (devices.length === 0) return null;
  const sorted = [...devices].sort((a, b) => Number(b.here) - Number(a.here));
  return (
    <Section title={t('devices.title')}>
      <ul className="rows">
        {sorted.map((device) => (
          <DeviceRow key={device.id} device={device} uploading={uploading[device.id] ?? null} />
        ))}
        {devices.length === 1 && (
          <li className="row row-teach">
            <p>{t('devices.none')}</p>
          </li>
        )}
      </ul>
    </Section>
  );
}

interface DeviceRowProps {
  readonly device: DeviceStatus;
  readonly uploading: { readonly path: string | null } | null;
}

function DeviceRow({ device, uploading }: DeviceRowProps) {
  const { t } = useTranslation();
  return (
    <li className="row">
      <DeviceHead device={device} />
      <span className="row-end figures">
        {uploading !== null && (
          <span className="accent">
            {uploading.path === null
              ? t('devices.sending')
              : t('devices.sendingFile', { name: splitPath(uploading.path).name })}
          </span>
        )}
        <DeviceTruth device={device} />
      </span>
    </li>
  );
}

/** How a row of a device begins: its icon, its name, and what else is said below that. */
export function DeviceHead({ device, children }: { readonly device: DeviceStatus; readonly children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <span className={device.online === false ? 'row-state quiet' : 'row-state'}>
        <Icon name="device" />
      </span>
      <div className="row-main">
        <div className="row-title">
          <bdi className="folder-name">{device.name}</bdi>
          {device.here && <span className="quiet">{t('devices.here')}</span>}
        </div>
        {children}
      </div>
    </>
  );
}

/** When a device was last in step, as far as it is known. */
export function DeviceTruth({ device }: { readonly device: DeviceStatus }) {
  const { t } = useTranslation();
  const state = useModelPart(({ line, status }) => (line === 'open' ? status?.state : undefined));
  if (device.here && state !== undefined) {
    if (state === 'idle') return <span className="quiet">{t('devices.inStep')}</span>;
    return device.lastInStepAtMs === null ? (
      <span className="quiet">{t('devices.notInStep')}</span>
    ) : (
      <Ago of="devices.inStepAgo" atMs={device.lastInStepAtMs} />
    );
  }
  if (device.lastInStepAtMs !== null) return <Ago of="devices.inStepAgo" atMs={device.lastInStepAtMs} />;
  if (device.online === true) return <span className="quiet">{t('devices.online')}</span>;
  if (device.lastSeenAtMs !== null) return <Ago of="devices.seenAgo" atMs={device.lastSeenAtMs} />;
  return <span className="quiet">{t('devices.never')}</span>;
}

function Ago({ of, atMs }: { readonly of: 'devices.inStepAgo' | 'devices.seenAgo'; readonly atMs: number }) {
  const { t } = useTranslation();
  const ago = useAgo(atMs);
  return <span className="quiet">{t(of, { ago })}</span>;
}
