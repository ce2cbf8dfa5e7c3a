import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { HierarchyRectangularNode } from 'd3-hierarchy';
import type { StoragePart } from '@onefold/control';

/** One part where it stands in the map, in pixels from its corner. */
export interface PlacedPart {
  readonly part: StoragePart;
  /** 1 for what stands right below the folder that is shown. */
  readonly depth: number;
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Others stand inside it, below its name. */
  readonly isOpened: boolean;
}

const GAP_PX = 2;
const HEAD_PX = 20;
/** Below this nobody could point at it. */
const LEAST_PX = 3;

type Placed = HierarchyRectangularNode<StoragePart>;

/**
 * Areas as large as what they stand for, by the squarified tree map of Bruls, Huizing and van Wijk (2000), outer parts first.
 * @param parts of the call `storage`
 */
export function placeParts(parts: readonly StoragePart[], widthPx: number, heightPx: number): readonly PlacedPart[] {
  const [root] = parts;
  if (root === undefined || root.sizeBytes === 0 || widthPx <= 0) return [];
  const inside = new Map<number, StoragePart[]>();
  for (const part of parts) {
    if (part.parent !== null) inside.set(part.parent, [...(inside.get(part.parent) ?? []), part]);
  }
  // A folder whose parts are told is as large as they are together: its own size would count them twice.
  const tree = hierarchy(root, ({ id }) => inside.get(id)).sum(({ id, sizeBytes }) => (inside.has(id) ? 0 : sizeBytes));
  tree.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const place = treemap<StoragePart>()
    .tile(treemapSquarify)
    .size([widthPx, heightPx])
    .round(true)
    .paddingInner(GAP_PX)
    .paddingOuter(({ depth }) => (depth === 0 ? 0 : GAP_PX))
    .paddingTop(({ depth }) => (depth === 0 ? 0 : HEAD_PX));
  return place(tree)
    .descendants()
    .filter((node) => node.depth > 0 && widthOf(node) >= LEAST_PX && heightOf(node) >= LEAST_PX)
    .map((node) => ({
      part: node.data,
      depth: node.depth,
      leftPx: node.x0,
      topPx: node.y0,
      widthPx: widthOf(node),
      heightPx: heightOf(node),
      isOpened: node.children !== undefined,
    }));
}

function widthOf({ x0, x1 }: Placed): number {
  return x1 - x0;
}

function heightOf({ y0, y1 }: Placed): number {
  return y1 - y0;
}
