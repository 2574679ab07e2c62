/** What the tools act on: the active viewport of the page that is being read. */
import type { Series } from '../dicomweb/series';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { comparePrior, stepStage } from '../hanging/hanging';
import type { ToolContext } from '../tools/types';
import { activeContent, emptied, stackOf, withContent, withNextActive, withOneUp } from './layout';
import { linkedView, linkHere } from './linking';
import type { Reading } from './readingState';

/** Shows the next series of the study in the active viewport, or the one before. */
export function stepSeries(
  { store, arrange }: Reading,
  study: StudyInstanceUid,
  list: readonly Series[],
  offset: 1 | -1,
): void {
  const shown = activeContent(store.getState().layout)?.series;
  const next = list[list.findIndex(({ seriesInstanceUid }) => seriesInstanceUid === shown) + offset];
  if (next) {
    arrange((layout) => withContent(layout, layout.active, stackOf(study, next.seriesInstanceUid)));
  }
}

/** Gives the context of the moment; none before the engine is there. */
export function toolContext(
  present: Reading,
  study: StudyInstanceUid,
  list: readonly Series[] = [],
  page: Pick<ToolContext, 'toggleFullScreen' | 'toggleVolume' | 'showAttributes' | 'takeOut' | 'showHelp'>,
): () => ToolContext | undefined {
  const { store, cells, arrange } = present;
  const step = (offset: 1 | -1) => stepSeries(present, study, list, offset);
  return () => {
    const reading = store.getState();
    const active = cells[reading.layout.active];
    return (
      active?.screen && {
        view: linkedView(present, active, active.screen),
        state: active.store.getState(),
        reading,
        // What was pointed at is gone with the tool that points.
        selectTool: (toolId) => store.setState({ toolId, pointed: undefined }),
        toggleLinks: () => store.setState(({ links }) => ({ links: { ...links, isOn: !links.isOn, anchors: {} } })),
        linkHere: () => linkHere(present),
        toggleReferenceLines: () =>
          store.setState(({ referenceLinesShown }) => ({ referenceLinesShown: !referenceLinesShown })),
        toggleOverlays: () => store.setState(({ overlaysShown }) => ({ overlaysShown: !overlaysShown })),
        toggleLabels: () => store.setState(({ labelsShown }) => ({ labelsShown: !labelsShown })),
        toggleAnnotationList: () =>
          store.setState(({ annotationsListed }) => ({ annotationsListed: !annotationsListed })),
        nextViewport: () => arrange((layout) => withNextActive(layout, 1)),
        previousViewport: () => arrange((layout) => withNextActive(layout, -1)),
        toggleOneUp: () => arrange((layout) => withOneUp(layout, layout.active)),
        nextSeries: () => step(1),
        previousSeries: () => step(-1),
        nextStage: () => stepStage(present, 1),
        previousStage: () => stepStage(present, -1),
        comparePrior: () => store.setState({ trouble: comparePrior(present) ? undefined : 'noPrior' }),
        emptyViewport: () => arrange(emptied),
        clearTrouble: () => store.setState({ trouble: undefined }),
        ...page,
      }
    );
  };
}
