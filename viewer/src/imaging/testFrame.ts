/** A frame for tests, of which nothing is known but what they say. */
import { sopInstanceUid } from '../dicomweb/uid';
import type { Frame } from './frames';

export function aFrame(known: Partial<Frame>): Frame {
  const uid = sopInstanceUid('1.2.3.4');
  if (!uid) {
    throw new Error('a UID');
  }
  return {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUid: uid,
    frameNumber: 1,
    numberOfFrames: 1,
    instanceNumber: undefined,
    rows: 1,
    columns: 1,
    frameOfReferenceUid: undefined,
    position: undefined,
    plane: undefined,
    orientation: undefined,
    spacing: undefined,
    thicknessMm: undefined,
    windows: [],
    isColour: false,
    values: { unit: 'none', factor: 1, isLossy: false },
    regions: [],
    subset: '',
    projection: { isMammogram: false, laterality: undefined, view: undefined },
    ...known,
  };
}
