/** What a link of a report leads to. */
import { type InstanceAddress, seriesInstanceUid, sopInstanceUid, studyInstanceUid } from '../../dicomweb/uid';

export interface Reference extends InstanceAddress {
  /** From 1; undefined if the whole instance is meant. */
  readonly frameNumber: number | undefined;
}

const pattern = /\/studies\/([^/]+)\/series\/([^/]+)\/instances\/([^/]+)(?:\/frames\/(\d{1,9}))?\/rendered$/;

/** The instance of a link to its rendered form; undefined for any other link. */
export function referenceOf(href: string): Reference | undefined {
  const [, first, second, third, frame] = pattern.exec(href) ?? [];
  const [study, series, instance] = [studyInstanceUid(first), seriesInstanceUid(second), sopInstanceUid(third)];
  return study && series && instance
    ? { study, series, instance, frameNumber: frame === undefined ? undefined : Number(frame) }
    : undefined;
}
