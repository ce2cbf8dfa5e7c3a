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

type Point = readonly [atMs: number, bytesPerSecond: number];

/** Two areas over the two minutes before `nowMs`, newest at the right, on one scale. */
export function drawChart(samples: readonly Throughput[], nowMs: number): Chart {
  const peak = Math.max(0, ...samples.map((sample) => Math.max(sample.upBytesPerSecond, sample.downBytesPerSecond)));
  const top = roundUp(peak);
  const up = withSilences(samples.map((sample) => [sample.atMs, sample.upBytesPerSecond]));
  const down = withSilences(samples.map((sample) => [sample.atMs, sample.downBytesPerSecond]));
  const upLine = draw(up, nowMs, top);
  const downLine = draw(down, nowMs, top);
  return {
    upLine,
    upArea: close(upLine, up, nowMs),
    downLine,
    downArea: close(downLine, down, nowMs),
    topBytesPerSecond: top,
    peakBytesPerSecond: peak,
  };
}

/** 1, 2 or 5 times a power of ten: a scale that changes rarely and reads well. At least 100 kB/s, so that noise stays low. */
export function roundUp(bytesPerSecond: number): number {
  const atLeast = Math.max(bytesPerSecond, 100_000);
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= atLeast * 0.999_999) ?? 10;
  return step * power;
}

function withSilences(points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, index): readonly Point[] => {
    const previous = points[index - 1];
    if (previous === undefined || point[0] - previous[0] <= SILENCE_MS) return [point];
    return [[previous[0] + 1000, 0], [point[0] - 1000, 0], point];
  });
}

function x(atMs: number, nowMs: number): number {
  return round(Math.max(0, Math.min(1, 1 - (nowMs - atMs) / CHART_SPAN_MS)) * CHART_WIDTH);
}

function draw(points: readonly Point[], nowMs: number, top: number): string {
  if (points.length < 2) return '';
  return points
    .map(([atMs, value], index) => {
      const y = round(CHART_HEIGHT - (value / top) * CHART_HEIGHT);
      return `${index === 0 ? 'M' : 'L'}${x(atMs, nowMs)} ${y}`;
    })
    .join('');
}

function close(line: string, points: readonly Point[], nowMs: number): string {
  const first = points[0];
  const last = points.at(-1);
  if (line === '' || first === undefined || last === undefined) return '';
  return `${line}L${x(last[0], nowMs)} ${CHART_HEIGHT}L${x(first[0], nowMs)} ${CHART_HEIGHT}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
