import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Throughput } from '@onefold/control';
import { CHART_SPAN_MS } from './model.ts';

export interface Chart {
  /** SVG path data on a grid of CHART_WIDTH by CHART_HEIGHT; empty when nothing moved. */
  readonly upArea: string;
  readonly upLine: string;
  readonly downArea: string;
  readonly downLine: string;
  /** What the top of the chart stands for. */
  readonly topBytesPerSecond: number;
  readonly peakBytesPerSecond: number;
}

export const CHART_WIDTH = 960;
export const CHART_HEIGHT = 96;
/** Samples come each second; a longer silence is drawn as nothing moving. */
const SILENCE_MS = 2500;
/** The top stands for at least this, so that noise stays low. */
const LEAST_TOP_BYTES_PER_SECOND = 100_000;

type Point = readonly [atMs: number, bytesPerSecond: number];

/** Two areas over the two minutes before `nowMs`, newest at the right, on one scale. */
export function drawChart(samples: readonly Throughput[], nowMs: number): Chart {
  const peak = Math.max(0, ...samples.map((sample) => Math.max(sample.upBytesPerSecond, sample.downBytesPerSecond)));
  const x = scaleLinear([nowMs - CHART_SPAN_MS, nowMs], [0, CHART_WIDTH]).clamp(true);
  // One tick alone: a top of 1, 2 or 5 times a power of ten changes rarely and reads well.
  const y = scaleLinear([0, Math.max(peak, LEAST_TOP_BYTES_PER_SECOND)], [CHART_HEIGHT, 0]).nice(1);
  const drawLine = line<Point>(
    ([atMs]) => x(atMs),
    ([, value]) => y(value),
  ).digits(1);
  const drawArea = area<Point>(
    ([atMs]) => x(atMs),
    CHART_HEIGHT,
    ([, value]) => y(value),
  ).digits(1);
  const draw = (points: readonly Point[]) =>
    // One sample has no length.
    points.length < 2 ? ['', ''] : [drawLine(points) ?? '', drawArea(points) ?? ''];
  const [upLine = '', upArea = ''] = draw(withSilences(samples, (sample) => sample.upBytesPerSecond));
  const [downLine = '', downArea = ''] = draw(withSilences(samples, (sample) => sample.downBytesPerSecond));
  const [, topBytesPerSecond = LEAST_TOP_BYTES_PER_SECOND] = y.domain();
  return { upLine, upArea, downLine, downArea, topBytesPerSecond, peakBytesPerSecond: peak };
}

function withSilences(
  samples: readonly Throughput[],
  bytesPerSecond: (sample: Throughput) => number,
): readonly Point[] {
  return samples.flatMap((sample, index): readonly Point[] => {
    const point: Point = [sample.atMs, bytesPerSecond(sample)];
    const previous = samples[index - 1];
    if (previous === undefined || sample.atMs - previous.atMs <= SILENCE_MS) return [point];
    return [[previous.atMs + 1000, 0], [sample.atMs - 1000, 0], point];
  });
}
