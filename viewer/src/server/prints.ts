/** Pages to print: made by the server, which alone vouches for whose pictures they are. */
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { ScreenDirection } from '../imaging/orientation';
import type { ExportedImage } from './exports';
import { request } from './request';

export const papers = ['a4', 'a3', 'film-8x10', 'film-11x14', 'film-14x17'] as const;
export type Paper = (typeof papers)[number];

export const printLanguages = ['vi', 'en', 'both'] as const;
export type PrintLanguage = (typeof printLanguages)[number];

/** The most rows, the most columns and the most pictures that the server takes. */
export const most = { rows: 8, columns: 8, pictures: 120 } as const;

/** How pages look. */
export interface PageWishes {
  readonly paper: Paper;
  readonly landscape: boolean;
  readonly rows: number;
  readonly columns: number;
  readonly language: PrintLanguage;
  readonly title: string;
  readonly trueSize: boolean;
  readonly withIdentity: boolean;
}

/** A picture of an image, and how the image lies in it. */
export interface PrintedPicture extends ExportedImage {
  readonly right: ScreenDirection;
  readonly down: ScreenDirection;
  readonly file: Blob;
}

async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const pieces: string[] = [];
  // As many as a call takes arguments.
  const length = 0x8000;
  for (let at = 0; at < bytes.length; at += length) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + length)));
  }
  return btoa(pieces.join(''));
}

/** Has the pages made and written down; gives the PDF. */
export async function requestPrint(
  study: StudyInstanceUid,
  wishes: PageWishes,
  pictures: readonly PrintedPicture[],
  signal: AbortSignal,
): Promise<Blob> {
  const { paper, landscape, rows, columns, language, title, trueSize, withIdentity } = wishes;
  const response = await request(`/api/studies/${study}/prints`, {
    signal,
    method: 'POST',
    body: {
      paper,
      landscape,
      rows,
      columns,
      language,
      title,
      true_size: trueSize,
      with_identity: withIdentity,
      pictures: await Promise.all(
        pictures.map(async ({ series, instance, frame, right, down, file }) => ({
          series,
          instance,
          frame,
          right,
          down,
          file: await base64(file),
        })),
      ),
    },
  });
  return response.blob();
}
