/** What tools have in common that draw annotations: the hand of the viewport draws, once it is there. */
import type { AnnotationKind } from '../annotations/model';
import type { DragTool } from './types';

export function drawing({
  kind,
  ...look
}: Pick<DragTool, 'icon' | 'keys' | 'inMenu'> & { readonly kind: AnnotationKind }): DragTool {
  return {
    kind: 'drag',
    id: kind,
    label: kind,
    group: 'measure',
    ...look,
    cursor: 'crosshair',
    isEnabled: ({ shown }, { annotations }) => shown && annotations !== undefined,
    obstacle: ({ series }, { study }) => (series && series.studyInstanceUid !== study ? 'otherStudy' : undefined),
    start: ({ annotator }, at) => annotator?.press(kind, at),
    drag: ({ annotator }, { at }) => annotator?.drag(at),
    end: ({ annotator }, isDone, at) => annotator?.release(at, isDone),
  };
}
