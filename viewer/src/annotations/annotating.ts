/** Everything of annotations that comes after the first picture. */
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { Reading } from '../viewport/readingState';
import { AnnotationLayer } from './AnnotationLayer';
import { AnnotationSide } from './AnnotationSide';
import { Desk } from './desk';
import { frameOf } from './goTo';
import { Keeper } from './keeper';
import type { AnnotationTable } from './table';
import './texts';

export function openAnnotations(reading: Reading, study: StudyInstanceUid): AnnotationTable {
  const desk = new Desk((image) => frameOf(reading, image));
  return { desk, keeper: new Keeper(desk, study), Layer: AnnotationLayer, Side: AnnotationSide };
}
