/** What a shutter hides of the picture, covered. */
import { useId } from 'react';
import type { Frame } from '../imaging/frames';
import type { PicturePoint } from '../imaging/imagePlane';
import { type Placement, screenAt } from '../imaging/placement';
import type { Shutter } from './shutter';

function path(points: readonly PicturePoint[], placement: Placement): string {
  const places = points.map((point) => screenAt(placement, point) ?? [0, 0]);
  return `${places.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`).join('')}Z`;
}

export function ShutterShade(props: {
  readonly shutter: Shutter;
  readonly frame: Frame;
  readonly placement: Placement;
}) {
  const { shutter, frame, placement } = props;
  const clip = useId();
  // Half a pixel more at every side: what is at the edge of the picture would shine through.
  const picture = path(
    [
      [-1, -1],
      [frame.columns, -1],
      [frame.columns, frame.rows],
      [-1, frame.rows],
    ],
    placement,
  );
  return (
    <svg aria-hidden data-testid="shutter" className="absolute inset-0 size-full">
      <clipPath id={clip}>
        <path d={picture} />
      </clipPath>
      <g clipPath={`url(#${clip})`} fill={`rgb(${shutter.colour.join(' ')})`} fillRule="evenodd">
        {shutter.openings.map((opening, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an opening is its place
          <path key={at} d={picture + path(opening, placement)} />
        ))}
      </g>
    </svg>
  );
}
