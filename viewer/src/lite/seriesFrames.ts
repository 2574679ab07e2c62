/** The frames of a series in display order, by the same rules as in the full viewer. */
import { parseDataSets } from '../dicomweb/dataSet';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { metadataUrl } from '../dicomweb/urls';
import { defaultFrameRate } from '../imaging/cine';
import { seriesContent } from '../imaging/frames';
import { sortFrames } from '../imaging/sortFrames';
import { earlyCopy } from './askEarly';

/** A frame, as much of it as quick pictures need: a series may have thousands. */
export interface StackFrame {
  readonly instance: string;
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  readonly aspect: number;
  readonly window: { readonly center: number; readonly width: number } | undefined;
}

export interface Stack {
  readonly frames: readonly StackFrame[];
  /** Frames per second. */
  readonly rate: number;
}

/** A series that could not be opened; `status` 0 where no answer came. */
export class SeriesError extends Error {
  readonly status: number;

  constructor(status: number) {
    super('the series cannot be opened');
    this.status = status;
  }
}

/** Asks for metadata; the full viewer asks for the same, and may have the answer of this. */
export async function fetchStack(study: string, series: string, signal: AbortSignal): Promise<Stack> {
  const url = metadataUrl(study as StudyInstanceUid, series as SeriesInstanceUid);
  let response: Response;
  let answer: unknown;
  try {
    response = await (earlyCopy(url) ?? fetch(url, { signal, headers: { Accept: 'application/dicom+json' } }));
    answer = response.ok && response.status !== 204 ? await response.json() : [];
  } catch (error) {
    signal.throwIfAborted();
    throw new SeriesError(error instanceof SyntaxError ? 502 : 0);
  }
  if (!response.ok) {
    throw new SeriesError(response.status);
  }
  const { frames, frameRate } = seriesContent(parseDataSets(answer));
  return {
    frames: sortFrames(frames).map(({ sopInstanceUid, frameNumber, rows, columns, spacing, windows, isColour }) => {
      const window = isColour ? undefined : windows.find(({ table }) => table === undefined);
      return {
        instance: sopInstanceUid,
        frame: frameNumber,
        rows,
        columns,
        aspect: spacing ? spacing.rowMm / spacing.columnMm : 1,
        window: window && { center: window.center, width: window.width },
      };
    }),
    rate: frameRate ?? defaultFrameRate,
  };
}
