/** Keeping annotations in the archive: opening what is there of a study, and saving what was drawn as further documents. */
import { createStore } from 'zustand/vanilla';
import type { Language } from '../app/i18n';
import type { DataSet } from '../dicomweb/dataSet';
import { fetchDataSets } from '../dicomweb/fetch';
import { fetchMetadata, type Series } from '../dicomweb/series';
import { storeInstances } from '../dicomweb/store';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { instanceUrl } from '../dicomweb/urls';
import { fetchSession } from '../server/session';
import { type Desk, type Marks, noMarks } from './desk';
import type { Authorship, SeriesAddress } from './dicom/instance';
import { type ReadSelection, readKeyObjects, writeKeyObjects } from './dicom/keyObjects';
import { type DrawnImage, type PresentationDraft, togetherPresented, writePresentation } from './dicom/presentation';
import { type ReadReport, readReport } from './dicom/readReport';
import { writeReport } from './dicom/report';
import { grouped } from './grouped';
import { type ImageReference, imageKey, newUid } from './model';
import { newestFirst, presentReports, united } from './versions';

/** Reports, key objects and presentation states have a series each. */
type OwnModality = 'SR' | 'KO' | 'PR';

export interface KeeperState {
  readonly step: 'opening' | 'ready' | 'saving';
  /** Why what is kept could not be read, or what was drawn not be saved. */
  readonly failure: { readonly step: 'opening' | 'saving'; readonly error: unknown } | undefined;
  /** Our reports of the study, the newest first. */
  readonly versions: readonly ReadReport[];
  /** Key images that others selected. */
  readonly selections: readonly ReadSelection[];
}

export type KeeperStore = ReturnType<typeof createKeeperStore>;

function createKeeperStore() {
  return createStore<KeeperState>()(() => ({ step: 'opening', failure: undefined, versions: [], selections: [] }));
}

export class Keeper {
  readonly store = createKeeperStore();
  readonly #desk: Desk;
  readonly #study: StudyInstanceUid;
  #series: readonly Series[] = [];
  readonly #own = new Map<OwnModality, SeriesAddress>();
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
      const documents = series.filter(({ modality }) => modality === 'SR' || modality === 'KO');
      const metadata = await Promise.all(
        documents.map(({ seriesInstanceUid: uid }) => fetchMetadata(this.#study, uid, signal)),
      );
      signal.throwIfAborted();
      this.#isOpened = true;
      const reports = metadata.flat().flatMap((dataSet) => readReport(dataSet) ?? []);
      const ours = newestFirst(reports.filter(({ isOurs }) => isOurs));
      const foreign = reports.filter(({ isOurs }) => !isOurs).flatMap(({ annotations }) => annotations);
      const selections = metadata.flat().flatMap((dataSet) => readKeyObjects(dataSet) ?? []);
      const kept = united(presentReports(ours), selections);
      this.#desk.opened(ours.length > 0 ? kept : noMarks, foreign);
      const others = selections.filter(({ isOurs, images }) => !isOurs && images.length > 0);
      this.store.setState({ step: 'ready', versions: ours, selections: others });
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

  /** That of earlier versions, else one behind all others: the same as long as the page is open. */
  #seriesOf(modality: OwnModality, earlier?: ReadReport): SeriesAddress {
    const known = this.#own.get(modality);
    if (known) {
      return known;
    }
    const numbers = [...this.#series, ...this.#own.values()].map((series) =>
      'number' in series ? series.number : (series.seriesNumber ?? 0),
    );
    const address = earlier
      ? { uid: earlier.seriesInstanceUid, number: earlier.seriesNumber ?? 0 }
      : { uid: newUid(), number: Math.max(0, ...numbers) + 1 };
    this.#own.set(modality, address);
    return address;
  }

  /** The images that were looked at since the study was opened; earlier presentation states of others are there still. */
  #drawn({ annotations }: Marks): DrawnImage[] {
    return [...grouped(annotations, ({ image }) => imageKey(image))].flatMap(([key, members]) => {
      const view = this.#desk.views.get(key);
      const [first] = members;
      return view && first ? [{ image: first.image, view, annotations: members }] : [];
    });
  }

  /** Saves everything as it is now; `textOf` says what stands beside an annotation. */
  async save(language: Language, textOf: PresentationDraft['textOf'], signal: AbortSignal): Promise<void> {
    const { step, versions } = this.store.getState();
    if (step !== 'ready') {
      return;
    }
    this.store.setState({ step: 'saving', failure: undefined });
    const { marks, kept } = this.#desk.store.getState();
    try {
      const session = await fetchSession(signal);
      const belonging = await this.#belonging(imagesOf(marks, kept), signal);
      const authorship: Authorship = { author: session?.account ?? '', language, at: new Date() };
      const instanceNumber = Math.max(0, ...versions.map((version) => version.instanceNumber ?? 0)) + 1;
      const common = { ...authorship, studyInstanceUid: this.#study, instanceNumber, belonging };
      const report = writeReport({
        ...common,
        sopInstanceUid: newUid(),
        series: this.#seriesOf('SR', versions[0]),
        annotations: marks.annotations,
        modalities: new Map(this.#series.map(({ seriesInstanceUid: uid, modality }) => [uid, modality])),
        predecessors: presentReports(versions).map((version) => ({ ...version, studyInstanceUid: this.#study })),
      });
      const selection =
        marks.keyImages.length > 0
          ? [
              writeKeyObjects({
                ...common,
                sopInstanceUid: newUid(),
                series: this.#seriesOf('KO'),
                images: marks.keyImages,
                title: marks.keyTitle,
              }),
            ]
          : [];
      const presentations = togetherPresented(this.#drawn(marks)).map((drawn) =>
        writePresentation({ ...common, sopInstanceUid: newUid(), series: this.#seriesOf('PR'), drawn, textOf }),
      );
      await storeInstances(this.#study, [report, ...selection, ...presentations], signal);
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
