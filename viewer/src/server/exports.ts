/** Pictures that are taken out: told to the server before they are, and who did so. */
import * as v from 'valibot';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { request } from './request';

export type ExportFormat = 'png' | 'jpeg' | 'mp4' | 'webm' | 'clipboard';

/** A picture that is taken out. */
export interface ExportedImage {
  readonly series: SeriesInstanceUid;
  readonly instance: SopInstanceUid;
  readonly frame: number;
}

const recordedSchema = v.object({ code: v.string() });

const rowSchema = v.object({
  code: v.string(),
  exported_by: v.string(),
  address: v.string(),
  study: v.string(),
  format: v.string(),
  images: v.number(),
  with_identity: v.boolean(),
  at_ms: v.number(),
  /** Both are empty once the study is not here any more. */
  patient_id: v.string(),
  patient_name: v.string(),
});

/** An export as it was written down. */
export type ExportRow = v.InferOutput<typeof rowSchema>;

/** A page of the exports that these parameters mean, last first. */
export async function fetchExports(parameters: URLSearchParams, signal: AbortSignal): Promise<ExportRow[]> {
  const response = await request(`/api/exports?${parameters}`, { signal });
  return v.parse(v.array(rowSchema), await response.json());
}

/** Pictures of one instance together, as the server takes them. */
function byInstance(images: readonly ExportedImage[]) {
  const found = new Map<SopInstanceUid, { series: SeriesInstanceUid; instance: SopInstanceUid; frames: number[] }>();
  for (const { series, instance, frame } of images) {
    const present = found.get(instance) ?? { series, instance, frames: [] };
    present.frames.push(frame);
    found.set(instance, present);
  }
  return [...found.values()];
}

/** Has it written down that pictures are taken out, without which they are not; gives what the export is looked up by. */
export async function recordExport(
  study: StudyInstanceUid,
  format: ExportFormat,
  withIdentity: boolean,
  images: readonly ExportedImage[],
  signal: AbortSignal,
): Promise<string> {
  const response = await request(`/api/studies/${study}/exports`, {
    signal,
    method: 'POST',
    body: { format, with_identity: withIdentity, images: byInstance(images) },
  });
  return v.parse(recordedSchema, await response.json()).code;
}
