/** In what numbers a volume is kept: the smallest that hold every value its frames can have after rescaling. */
import { type DataSet, items, number } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';
import type { Voxels } from './volumeFiller';

interface Range {
  readonly lowest: number;
  readonly highest: number;
  readonly isWhole: boolean;
}

/** What stored values become (PS3.3 C.11.1.1.2, Modality LUT and Rescale Type). */
function rangeOf(instance: DataSet): Range {
  const bits = Math.min(number(instance, Tag.BitsStored) ?? number(instance, Tag.BitsAllocated) ?? 16, 32);
  const isSigned = number(instance, Tag.PixelRepresentation) === 1;
  const [least, most] = isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  const slope = number(instance, Tag.RescaleSlope) ?? 1;
  const intercept = number(instance, Tag.RescaleIntercept) ?? 0;
  const ends = [least * slope + intercept, most * slope + intercept];
  const isFloating = [Tag.FloatPixelData, Tag.DoubleFloatPixelData].some((tag) => instance[tag] !== undefined);
  const groups = [...items(instance, Tag.SharedFunctionalGroups), ...items(instance, Tag.PerFrameFunctionalGroups)];
  const isRescaledByFrame = groups.some((group) => group[Tag.PixelValueTransformationSequence] !== undefined);
  return {
    lowest: Math.min(...ends),
    highest: Math.max(...ends),
    isWhole: Number.isInteger(slope) && Number.isInteger(intercept) && !isFloating && !isRescaledByFrame,
  };
}

/** An array for so many voxels of these instances. */
export function newVoxels(instances: readonly DataSet[], count: number): Voxels {
  const ranges = instances.map(rangeOf);
  const lowest = Math.min(...ranges.map((range) => range.lowest));
  const highest = Math.max(...ranges.map((range) => range.highest));
  // Values from a lookup table have up to 16 bits, without sign.
  const hasTable = instances.some((instance) => instance[Tag.ModalityLutSequence] !== undefined);
  if (ranges.every(({ isWhole }) => isWhole) && !hasTable) {
    if (lowest >= 0 && highest <= 0xff) {
      return new Uint8Array(count);
    }
    if (lowest >= -0x8000 && highest <= 0x7fff) {
      return new Int16Array(count);
    }
    if (lowest >= 0 && highest <= 0xffff) {
      return new Uint16Array(count);
    }
  }
  return new Float32Array(count);
}
