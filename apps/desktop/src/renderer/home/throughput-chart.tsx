import { useTranslation } from 'react-i18next';
import { CHART_HEIGHT, CHART_WIDTH, drawChart } from '../model/chart.ts';
import { useNowMs } from '../parts/relative-time.tsx';
import { useModelPart } from '../parts/session-context.tsx';
import { formatSpeed } from '../words/format.ts';

/** Both directions over the last two minutes, as areas on one scale. */
export function ThroughputChart() {
  const { t, i18n } = useTranslation();
  const throughput = useModelPart((model) => model.throughput);
  const skewMs = useModelPart((model) => model.skewMs);
  const clockMs = useNowMs();
  const last = throughput.at(-1);
  // A sample never lies in the future: the clock ticks once a second, samples come in between.
  const nowMs = Math.max(clockMs - skewMs, last?.atMs ?? 0);
  const chart = drawChart(throughput, nowMs);
  const speed = (bytesPerSecond: number) => formatSpeed(i18n.language, bytesPerSecond);
  const up = speed(last?.upBytesPerSecond ?? 0);
  const down = speed(last?.downBytesPerSecond ?? 0);
  return (
    <figure className="chart">
      <figcaption className="figures">
        <span className="chart-key chart-key-up">
          {t('progress.up')} <strong>{up}</strong>
        </span>
        <span className="chart-key chart-key-down">
          {t('progress.down')} <strong>{down}</strong>
        </span>
        <span className="quiet">{speed(chart.topBytesPerSecond)}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={t('progress.chart', { up, down, peak: speed(chart.peakBytesPerSecond) })}
        viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
        preserveAspectRatio="none"
      >
        <path className="chart-grid" d={`M0 .5H${CHART_WIDTH}M0 ${CHART_HEIGHT / 2}H${CHART_WIDTH}`} />
        <path className="chart-area chart-down" d={chart.downArea} />
        <path className="chart-line chart-down" d={chart.downLine} />
        <path className="chart-area chart-up" d={chart.upArea} />
        <path className="chart-line chart-up" d={chart.upLine} />
        <path className="chart-base" d={`M0 ${CHART_HEIGHT - 0.5}H${CHART_WIDTH}`} />
      </svg>
      <div className="chart-times quiet" aria-hidden>
        <span>{t('progress.twoMinutesAgo')}</span>
        <span>{t('progress.now')}</span>
      </div>
    </figure>
  );
}
