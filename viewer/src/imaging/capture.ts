/** What of a viewport is made into a picture, and how large: by how the image lies there. */
import { type Placement, pictureAt, type ScreenPoint, type ScreenRegion, screenAt } from './placement';

/** How many columns and rows an image has. */
export interface Extent {
  readonly columns: number;
  readonly rows: number;
}

/** All that the viewport shows, or the image in it without the empty margin. */
export type CaptureArea = 'viewport' | 'image';

/** The most pixels of a side: what decoders, printers and memory still take. */
export const mostPixels = 4096;

/** The part of the viewport in which the image is; the whole viewport if it is nowhere there. */
function imageRegion(placement: Placement, { columns, rows }: Extent): ScreenRegion {
  // Points are the middles of pixels.
  const corners = [
    [-0.5, -0.5],
    [columns - 0.5, -0.5],
    [-0.5, rows - 0.5],
    [columns - 0.5, rows - 0.5],
  ] as const;
  const seen = corners.flatMap((corner) => {
    const at = screenAt(placement, corner);
    return at ? [at] : [];
  });
  const between = (values: readonly number[], most: number): [number, number] => [
    Math.max(0, Math.min(...values)),
    Math.min(most, Math.max(...values)),
  ];
  const [left, right] = between(
    seen.map(([x]) => x),
    placement.width,
  );
  const [top, bottom] = between(
    seen.map(([, y]) => y),
    placement.height,
  );
  return right - left >= 1 && bottom - top >= 1
    ? { from: [left, top], to: [right, bottom] }
    : { from: [0, 0], to: [placement.width, placement.height] };
}

/**
 * How the image lies in the picture that is made of it. A side of the picture has at least `least` pixels, more if the image
 * has more there, so that nothing of it is lost, and at most `mostPixels`.
 */
export function capturePlacement(placement: Placement, extent: Extent, area: CaptureArea, least: number): Placement {
  const whole: ScreenRegion = { from: [0, 0], to: [placement.width, placement.height] };
  const { from, to } = area === 'image' ? imageRegion(placement, extent) : whole;
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  const long = Math.max(width, height);
  const imageSteps = Math.max(Math.hypot(...placement.right), Math.hypot(...placement.down));
  const times = Math.min(Math.max(least, long * imageSteps), mostPixels) / long;
  const corner: ScreenPoint = from;
  return {
    corner: pictureAt(placement, corner),
    right: [placement.right[0] / times, placement.right[1] / times],
    down: [placement.down[0] / times, placement.down[1] / times],
    width: Math.max(1, Math.round(width * times)),
    height: Math.max(1, Math.round(height * times)),
  };
}

/** An image of another size as it would lie in the same viewport: turned alike, wholly in sight, in the middle. */
export function fittedPlacement(placement: Placement, { columns, rows }: Extent): Placement {
  const { right, down, width, height } = placement;
  const [stepRight, stepDown] = [Math.hypot(...right), Math.hypot(...down)];
  const isAside = Math.abs(right[1]) > Math.abs(right[0]);
  const [across, along] = isAside ? [rows, columns] : [columns, rows];
  // The steps along the two axes keep their ratio: pixels need not be square.
  const factor = Math.max(across / (stepRight * width), along / (stepDown * height));
  const scaled = {
    ...placement,
    right: [right[0] * factor, right[1] * factor] as const,
    down: [down[0] * factor, down[1] * factor] as const,
  };
  const seen = pictureAt({ ...scaled, corner: [0, 0] }, [width / 2, height / 2]);
  return { ...scaled, corner: [(columns - 1) / 2 - seen[0], (rows - 1) / 2 - seen[1]] };
}
