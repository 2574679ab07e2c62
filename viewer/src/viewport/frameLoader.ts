/**
 * The way of a frame from the server to pixels. Cornerstone's wadors loader fetches and decodes; this wraps it to apply
 * modality lookup tables, find a window for images that name none, say why a frame failed, and abort what nobody waits for.
 */
import { type Enums, imageLoader, metaData, type Types, utilities } from '@cornerstonejs/core';
import { init, wadors } from '@cornerstonejs/dicom-image-loader';
import { Enums as MetadataEnums, metaData as typedMetaData } from '@cornerstonejs/metadata';
import { type DataSet, item, number, text } from '../dicomweb/dataSet';
import { frameAccept } from '../dicomweb/frameAccept';
import { firstPartAt } from '../dicomweb/multipart';
import { Tag } from '../dicomweb/tags';
import { declareRgb } from '../imaging/jpegColours';
import { correctJpegSyntax } from '../imaging/jpegProcess';
import { applyLookupTable, type LookupTable, lookupTableOf } from '../imaging/lookupTable';
import { type Padding, paddingOf, rescaledPadding } from '../imaging/padding';
import { type StoredIntegers, storedIntegers, withStoredSign } from '../imaging/sign';
import { pixelShape } from '../imaging/spacing';
import type { PictureValues } from '../imaging/statistics';
import { automaticWindow, fullRange, type VoiRange, type VoiWindow, windowsOf } from '../imaging/window';
import { announceSessionLost } from '../server/request';
import type { FrameFailure } from './viewState';

/** What the pixels of an instance go through after decoding. */
interface PixelTreatment {
  readonly integers: StoredIntegers | undefined;
  readonly modality: LookupTable | undefined;
  readonly padding: Padding | undefined;
  readonly namesWindow: boolean;
  /** Pixels in a frame. */
  readonly area: number;
  /** How high and how wide a pixel is, where no millimetres are known. */
  readonly pixelShape: readonly [number, number] | undefined;
  readonly transferSyntax: string | undefined;
  readonly photometric: string | undefined;
  /** Colours are numbers in a palette that is not there. */
  readonly lacksPalette: boolean;
}

const treatments = new Map<string, PixelTreatment>();
const requests = new Map<string, XMLHttpRequest>();

function instanceOf(imageId: string): string {
  return imageId.replace(/\/frames\/\d+$/, '');
}

/** PS3.3 C.7.6.3.1.6 (Red, Green, Blue Palette Color Lookup Table Data). */
const paletteTags = [Tag.RedPaletteLutData, Tag.GreenPaletteLutData, Tag.BluePaletteLutData] as const;

/** Tells the loader about an instance before its first frame is asked for. */
export function registerInstance(instanceImageId: string, instance: DataSet): void {
  const modality = item(instance, Tag.ModalityLutSequence);
  const photometric = text(instance, Tag.PhotometricInterpretation);
  treatments.set(instanceImageId, {
    integers: storedIntegers(instance),
    modality: modality && lookupTableOf(modality),
    padding: paddingOf(instance),
    namesWindow: windowsOf(instance).length > 0,
    area: (number(instance, Tag.Rows) ?? 0) * (number(instance, Tag.Columns) ?? 0),
    pixelShape: pixelShape(instance),
    transferSyntax: text(instance, Tag.AvailableTransferSyntaxUid),
    photometric,
    lacksPalette: photometric === 'PALETTE COLOR' && !paletteTags.every((tag) => instance[tag] !== undefined),
  });
}

function asNumber(value: number | number[] | undefined): number | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The window an image was given, by its header or by this loader. */
export function windowOfImage(image: Types.IImage): VoiWindow | undefined {
  const center = asNumber(image.windowCenter);
  const width = asNumber(image.windowWidth);
  if (center === undefined || width === undefined || !(width > 0)) {
    return undefined;
  }
  const kind = image.voiLUTFunction;
  const voiFunction = kind === 'LINEAR_EXACT' || kind === 'SIGMOID' ? kind : 'LINEAR';
  return { center, width, voiFunction };
}

function setWindow(image: Types.IImage, window: VoiWindow): void {
  image.windowCenter = window.center;
  image.windowWidth = window.width;
  image.voiLUTFunction = window.voiFunction as Enums.VOILUTFunctionType;
}

function replacePixels(image: Types.IImage, pixels: Float32Array | Uint16Array): void {
  image.voxelManager = utilities.VoxelManager.createImageVoxelManager({
    scalarData: pixels,
    width: image.columns,
    height: image.rows,
    numberOfComponents: 1,
  });
  image.getPixelData = () => pixels;
  image.dataType = pixels instanceof Float32Array ? 'Float32Array' : 'Uint16Array';
  image.sizeInBytes = pixels.byteLength;
}

function giveSign(image: Types.IImage, integers: StoredIntegers): void {
  const range = [image.minPixelValue, image.maxPixelValue] as const;
  const { slope, intercept } = image;
  const rescale = image.preScale?.scaled ? { slope, intercept } : { slope: 1, intercept: 0 };
  const pixels = withStoredSign(image.getPixelData(), range, integers, rescale);
  if (pixels) {
    replacePixels(image, pixels);
    const { lower, upper } = fullRange(pixels, undefined) ?? { lower: 0, upper: 0 };
    image.minPixelValue = lower;
    image.maxPixelValue = upper;
  }
}

function lookUp(image: Types.IImage, table: LookupTable): void {
  replacePixels(image, applyLookupTable(image.getPixelData(), table));
  image.slope = 1;
  image.intercept = 0;
  image.minPixelValue = 0;
  image.maxPixelValue = table.most;
}

/** The padding as it is among the pixels; unknown behind a lookup table. */
function paddingIn({ slope = 1, intercept = 0 }: Types.IImage, treatment: PixelTreatment): Padding | undefined {
  const { modality, padding } = treatment;
  return modality || !padding ? undefined : rescaledPadding(padding, slope, intercept);
}

function paddingOfImage(image: Types.IImage): Padding | undefined {
  const treatment = treatments.get(instanceOf(image.imageId));
  return treatment && paddingIn(image, treatment);
}

/** The window that suits these values of a grey image. */
export function windowOfValues(image: Types.IImage, values: ArrayLike<number>): VoiWindow {
  return automaticWindow(values, paddingOfImage(image));
}

/** The modality values of a grey image, with the padding among them. */
export function valuesOfImage(image: Types.IImage): PictureValues | undefined {
  const { columns, rows } = image;
  return image.color ? undefined : { pixels: image.getPixelData(), columns, rows, padding: paddingOfImage(image) };
}

/** From the lowest to the highest value of an image; of a colour image, of its samples. */
export function rangeOfImage(image: Types.IImage): VoiRange {
  const range = image.color ? undefined : fullRange(image.getPixelData(), paddingOfImage(image));
  return range ?? { lower: image.minPixelValue, upper: image.maxPixelValue };
}

function treat(image: Types.IImage, treatment: PixelTreatment | undefined): Types.IImage {
  if (image.color || !treatment) {
    return image;
  }
  // Those of the header would be taken once more where the processor draws.
  delete image.modalityLUT;
  delete image.voiLUT;
  if (treatment.integers) {
    giveSign(image, treatment.integers);
  }
  if (treatment.modality) {
    lookUp(image, treatment.modality);
  }
  if (!treatment.namesWindow) {
    setWindow(image, automaticWindow(image.getPixelData(), paddingIn(image, treatment)));
  }
  return image;
}

/** Some decoders answer a codestream that they cannot read with an empty picture, which must not pass for a black one. */
function whole(image: Types.IImage, treatment: PixelTreatment | undefined): Types.IImage {
  const samples = image.color ? 3 : 1;
  if (treatment && image.getPixelData().length < treatment.area * samples) {
    throw new Error('the decoder gave fewer pixels than the image has');
  }
  return image;
}

/** What went wrong with a frame; the loader rejects with the request itself when the server did not give it. */
export function failureOf(error: unknown): FrameFailure {
  const status =
    typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
      ? error.status
      : undefined;
  // Of a transfer syntax that nobody here knows the server has nothing that is acceptable (406).
  if (status === undefined || status === 406 || (status >= 200 && status < 300)) {
    return { kind: 'decode' };
  }
  if (status === 0) {
    return { kind: 'network' };
  }
  if (status === 401 || status === 403) {
    return { kind: 'refused', status };
  }
  return { kind: status === 404 || status === 410 ? 'missing' : 'server', status };
}

/** Stops what is under way of these frames. */
export function abortRequests(imageIds: readonly string[]): void {
  for (const imageId of imageIds) {
    requests.get(imageId)?.abort();
    requests.delete(imageId);
  }
}

/** Starts the decoders and puts the wrapped loader in place. */
export function startFrameLoader(): void {
  init({
    maxWebWorkers: Math.max(1, Math.min(4, Math.floor((navigator.hardwareConcurrency || 2) / 2))),
    beforeSend: (xhr, imageId) => {
      requests.set(imageId, xhr);
      xhr.addEventListener('loadend', () => requests.delete(imageId));
      const { transferSyntax, photometric } = treatments.get(instanceOf(imageId)) ?? {};
      return { Accept: frameAccept(transferSyntax, photometric) };
    },
    beforeProcessing: async (xhr) => {
      const body: ArrayBuffer = xhr.response;
      const bytes = new Uint8Array(body);
      correctJpegSyntax(bytes);
      if (treatments.get(instanceOf(`wadors:${xhr.responseURL}`))?.photometric === 'RGB') {
        declareRgb(bytes.subarray(firstPartAt(bytes)));
      }
      return body;
    },
    errorInterceptor: (error) => {
      if (error.request.status === 401) {
        announceSessionLost();
      }
    },
  });
  // Standardised uptake values need more than one image's header and are a task of their own: show what is stored.
  metaData.addProvider((type: string) => (type === 'scalingModule' ? {} : undefined), 10_000);
  // Cornerstone draws square pixels where a spacing is missing, and nothing where one is 0.
  typedMetaData.addTypedProvider(
    MetadataEnums.MetadataModules.IMAGE_PLANE,
    (next, imageId, instance, options) => {
      const plane = next(imageId, instance, options) as Record<string, unknown> | undefined;
      const shape = treatments.get(instanceOf(imageId))?.pixelShape;
      if (plane && shape) {
        plane.pixelSpacing = [...shape];
        [plane.rowPixelSpacing, plane.columnPixelSpacing] = shape;
      }
      return plane;
    },
    { priority: 1 },
  );
  imageLoader.registerImageLoader('wadors', (imageId, options) => {
    const treatment = treatments.get(instanceOf(imageId));
    if (treatment?.lacksPalette) {
      // Cornerstone would throw where nobody catches, and the frame would be waited for without end.
      return { promise: Promise.reject(new Error('the palette is missing')) };
    }
    const loading = wadors.loadImage(imageId, options);
    const promise = (loading.promise as Promise<Types.IImage>).then((image) =>
      treat(whole(image, treatment), treatment),
    );
    return { promise };
  });
}
