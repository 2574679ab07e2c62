/** What the tools act on: the active viewport of the page that is being read. */
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { ToolContext } from '../tools/types';
import { activeContent, stackOf, withContent, withNextActive, withOneUp } from './layout';
import type { Reading } from './readingState';

/** Gives the context of the moment; none before the engine is there. */
export function toolContext(
  { store, cells, arrange }: Reading,
  study: StudyInstanceUid,
  list: readonly Series[] = [],
  page: Pick<ToolContext, 'toggleFullScreen' | 'showHelp'>,
): () => ToolContext | undefined {
  const step = (offset: 1 | -1) => {
    const present = activeContent(store.getState().layout)?.series;
    const next = list[list.findIndex(({ seriesInstanceUid }) => seriesInstanceUid === present) + offset];
    if (next) {
      arrange((layout) => withContent(layout, layout.active, stackOf(study, next.seriesInstanceUid)));
    }
  };
  return () => {
    const reading = store.getState();
    const active = cells[reading.layout.active];
    return (
      active?.view && {
        view: active.view,
        state: active.store.getState(),
        reading,
        selectTool: (toolId) => store.setState({ toolId }),
        toggleLabels: () => store.setState(({ labelsShown }) => ({ labelsShown: !labelsShown })),
        nextViewport: () => arrange((layout) => withNextActive(layout, 1)),
        previousViewport: () => arrange((layout) => withNextActive(layout, -1)),
        toggleOneUp: () => arrange((layout) => withOneUp(layout, layout.active)),
        nextSeries: () => step(1),
        previousSeries: () => step(-1),
        ...page,
      }
    );
  };
}
