/** Keeping annotations in the archive: opening what is there of a study, and saving what was drawn as further documents. */
import { createStore } from 'zustand/vanilla';
import type { DataSet } from '../dicomweb/dataSet';
import { fetchDataSets } from '../dicomweb/fetch';
import { fetchMetadata, type Series } from '../dicomweb/series';
import { storeInstances } from '../dicomweb/store';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { instanceUrl } from '../dicomweb/urls';
import { fetchSession } from '../server/session';
import { type Desk, type Marks, noMarks } from './desk';
import type { SeriesAddress } from './dicom/instance';
import { type ReadReport, readReport } from './dicom/readReport';
import { writeReport } from './dicom/report';
import { type ImageReference, newUid } from './model';
import { newestFirst, presentReports, united } from './versions';

export interface KeeperState {
  readonly step: 'opening' | 'ready' | 'saving';
  /** Why what is kept could not be read, or what was drawn not be saved. */
  readonly failure: { readonly step: 'opening' | 'saving'; readonly error: unknown } | undefined;
  /** Our reports of the study, the newest first. */
  readonly versions: readonly ReadReport[];
}

export type KeeperStore = ReturnType<typeof createKeeperStore>;

function createKeeperStore() {
  return createStore<KeeperState>()(() => ({ step: 'opening', failure: undefined, versions: [] }));
}

export class Keeper {
  readonly store = createKeeperStore();
  readonly #desk: Desk;
  readonly #study: StudyInstanceUid;
  #series: readonly Series[] = [];
  #isOpened = false;

  constructor(desk: Desk, study: StudyInstanceUid) {
    this.#desk = desk;
    this.#study = study;
  }

  /** The series of the study are known: what they keep is opened, once. */
  async open(series: readonly Series[], signal: AbortSignal): Promise<void> {
    this.#series = series;
    if (this.#isOpened) {
      return;
    }
    this.store.setState({ step: 'opening', failure: undefined });
    try {
      const documents = series.filter(({ modality }) => modality === 'SR');
      const metadata = await Promise.all(
        documents.map(({ seriesInstanceUid: uid }) => fetchMetadata(this.#study, uid, signal)),
      );
      signal.throwIfAborted();
      this.#isOpened = true;
      const reports = metadata.flat().flatMap((dataSet) => readReport(dataSet) ?? []);
      const ours = newestFirst(reports.filter(({ isOurs }) => isOurs));
      const foreign = reports.filter(({ isOurs }) => !isOurs).flatMap(({ annotations }) => annotations);
      const kept = united(presentReports(ours));
      this.#desk.opened(ours.length > 0 ? kept : noMarks, foreign);
      this.store.setState({ step: 'ready', versions: ours });
    } catch (error) {
      if (!signal.aborted) {
        this.store.setState({ step: 'ready', failure: { step: 'opening', error } });
      }
    }
  }

  /** What all documents take over of the study. */
  async #belonging(images: readonly ImageReference[], signal: AbortSignal): Promise<DataSet> {
    const [image] = images;
    if (!image) {
      throw new Error('nothing is drawn on any image');
    }
    const url = instanceUrl(this.#study, image.seriesInstanceUid, image.sopInstanceUid);
    const [metadata] = await fetchDataSets(`${url}/metadata`, signal);
    if (!metadata) {
      throw new Error('the image is not there any more');
    }
    return metadata;
  }

  /** The series of earlier versions, or one behind all others. */
  #seriesOf(earlier: ReadReport | undefined): SeriesAddress {
    const numbers = this.#series.map(({ seriesNumber }) => seriesNumber ?? 0);
    return earlier
      ? { uid: earlier.seriesInstanceUid, number: earlier.seriesNumber ?? 0 }
      : { uid: newUid(), number: Math.max(0, ...numbers) + 1 };
  }

  async save(language: 'vi' | 'en', signal: AbortSignal): Promise<void> {
    const { step, versions } = this.store.getState();
    if (step !== 'ready') {
      return;
    }
    this.store.setState({ step: 'saving', failure: undefined });
    const { marks, kept } = this.#desk.store.getState();
    try {
      const session = await fetchSession(signal);
      const image = await this.#belonging(imagesOf(marks, kept), signal);
      const predecessors = presentReports(versions);
      const report = writeReport({
        author: session?.account ?? '',
        language,
        at: new Date(),
        studyInstanceUid: this.#study,
        sopInstanceUid: newUid(),
        series: this.#seriesOf(versions[0]),
        instanceNumber: Math.max(0, ...versions.map(({ instanceNumber }) => instanceNumber ?? 0)) + 1,
        annotations: marks.annotations,
        image,
        modalities: new Map(this.#series.map(({ seriesInstanceUid: uid, modality }) => [uid, modality])),
        predecessors: predecessors.map((version) => ({ ...version, studyInstanceUid: this.#study })),
      });
      await storeInstances(this.#study, [report], signal);
      const saved = readReport(report);
      this.#desk.saved(marks);
      this.store.setState({ step: 'ready', versions: saved ? [saved, ...versions] : versions });
    } catch (error) {
      this.store.setState({ step: 'ready', failure: { step: 'saving', error } });
    }
  }
}

/** Every image that is or was marked. */
function imagesOf(...states: readonly Marks[]): ImageReference[] {
  return states.flatMap(({ annotations, keyImages }) => [...annotations.map(({ image }) => image), ...keyImages]);
}
