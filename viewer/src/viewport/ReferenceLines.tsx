/** Over the picture: where the active viewport's image cuts it, and the point of the patient that is pointed at. */
import { useStore } from 'zustand';
import { distanceTo, type ImagePlane, isOn, planeOfFrame, sliceThicknessMm, toPicture } from '../imaging/imagePlane';
import { type Placement, screenAt } from '../imaging/placement';
import { referenceLine } from '../imaging/referenceLine';
import type { Cell, Reading } from './readingState';

function Line({
  of,
  on,
  placement,
}: {
  readonly of: ImagePlane;
  readonly on: ImagePlane;
  readonly placement: Placement;
}) {
  const line = referenceLine(of, on);
  const [from, to] = line?.map((point) => screenAt(placement, point)) ?? [];
  if (!from || !to) {
    return null;
  }
  return (
    <line
      data-testid="reference-line"
      x1={from[0]}
      y1={from[1]}
      x2={to[0]}
      y2={to[1]}
      className="stroke-accent"
      strokeWidth={1.25}
      strokeDasharray="7 4"
    />
  );
}

/** The arms of the cross leave its middle free, so that it covers nothing of what is pointed at. */
const [innerArm, outerArm] = [5, 16];

function Cross({ x, y }: { readonly x: number; readonly y: number }) {
  const arms = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const;
  return (
    <g data-testid="pointed" data-x={x} data-y={y} className="stroke-good" strokeWidth={1.5}>
      {arms.map(([right, down]) => (
        <line
          key={`${right} ${down}`}
          x1={x + right * innerArm}
          y1={y + down * innerArm}
          x2={x + right * outerArm}
          y2={y + down * outerArm}
        />
      ))}
    </g>
  );
}

export function ReferenceLines({ reading, cell }: { readonly reading: Reading; readonly cell: Cell }) {
  const activePlace = useStore(reading.store, ({ layout }) => layout.active);
  const areLinesShown = useStore(reading.store, ({ referenceLinesShown }) => referenceLinesShown);
  const pointed = useStore(reading.store, (state) => state.pointed);
  const active = reading.cells[activePlace] ?? cell;
  const activeFrame = useStore(active.store, ({ series, index }) => series?.frames[index]);
  const series = useStore(cell.store, (state) => state.series);
  const index = useStore(cell.store, (state) => state.index);
  const placement = useStore(cell.store, (state) => (state.shown ? state.placement : undefined));
  const on = planeOfFrame(series?.frames[index]);
  if (!series || !on || !placement) {
    return null;
  }
  const of = areLinesShown && active !== cell ? planeOfFrame(activeFrame) : undefined;
  const isHere =
    pointed?.frameOfReferenceUid === on.frameOfReferenceUid &&
    Math.abs(distanceTo(on, pointed.point)) <= sliceThicknessMm(series.frames, index) / 2 + 0.01;
  const marked = pointed && isHere ? toPicture(on, pointed.point) : undefined;
  const cross = marked && isOn(on, marked) ? screenAt(placement, marked) : undefined;
  return (
    <svg aria-hidden className="pointer-events-none absolute inset-0 size-full">
      {of ? <Line of={of} on={on} placement={placement} /> : null}
      {cross ? <Cross x={cross[0]} y={cross[1]} /> : null}
    </svg>
  );
}
