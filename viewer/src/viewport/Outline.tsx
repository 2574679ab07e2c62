/** The rectangle that the hand is drawing. */
import { useStore } from 'zustand';
import type { ViewStore } from './viewState';

export function Outline({ store }: { readonly store: ViewStore }) {
  const outlined = useStore(store, (state) => state.outlined);
  if (!outlined) {
    return null;
  }
  const { from, to } = outlined;
  return (
    <svg aria-hidden data-testid="outline" className="pointer-events-none absolute inset-0 size-full">
      <rect
        x={Math.min(from[0], to[0])}
        y={Math.min(from[1], to[1])}
        width={Math.abs(to[0] - from[0])}
        height={Math.abs(to[1] - from[1])}
        className="fill-none stroke-accent"
        strokeWidth={1.5}
        strokeDasharray="5 4"
      />
    </svg>
  );
}
