/** Mammograms that are in sight together are of one size: a lesion is as large in one as in the other. */
import { commonExtent } from '../imaging/posture';
import { visibleCells } from './layout';
import type { Reading } from './readingState';

/** Keeps them so until the function is called. */
export function keepOfOneSize({ store, cells }: Reading): () => void {
  const update = () => {
    const visible = visibleCells(store.getState().layout).flatMap((place) => cells[place] ?? []);
    const frames = visible.map((cell) => {
      const { series, index } = cell.store.getState();
      return series?.frames[index];
    });
    const extent = commonExtent(frames.filter((frame) => frame !== undefined));
    visible.forEach(({ store: own }, at) => {
      own.setState({ extent: frames[at]?.projection.isMammogram ? extent : undefined });
    });
  };
  const stops = cells.map((cell) =>
    cell.store.subscribe(({ series, index }, before) => {
      if (series !== before.series || index !== before.index) {
        update();
      }
    }),
  );
  const stop = store.subscribe(({ layout }, before) => {
    if (layout !== before.layout) {
      update();
    }
  });
  return () => {
    for (const end of [...stops, stop]) {
      end();
    }
  };
}
