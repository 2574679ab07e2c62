/**
 * The full viewer behind the page: all that it will ask for is asked for at once, rather than one after the other as
 * scripts find out, and the frame that it opens with comes right behind the code.
 */
import { frameAccept } from '../dicomweb/frameAccept';
import { studyUrl } from '../dicomweb/studySearch';
import type { SeriesInstanceUid, StudyInstanceUid } from '../dicomweb/uid';
import { metadataUrl, seriesListUrl } from '../dicomweb/urls';
import { askEarly } from './askEarly';
import { fullFiles, state } from './state';

function preload(file: string): void {
  const link = document.createElement('link');
  const isScript = file.endsWith('.js') && !/worker/i.test(file);
  link.rel = isScript ? 'modulepreload' : 'prefetch';
  link.href = file;
  document.head.append(link);
}

/** Asks for what it shows first: before anything else, as it is small and all waits for it. */
export function askForItsData(series: string | undefined): void {
  const study = state.study as StudyInstanceUid;
  const dicom = { Accept: 'application/dicom+json' };
  askEarly('/api/session', {});
  // How the study is hung is decided by them.
  askEarly('/api/settings', {});
  askEarly(studyUrl(study), dicom);
  askEarly(seriesListUrl(study), dicom);
  if (series !== undefined) {
    askEarly(metadataUrl(study, series as SeriesInstanceUid), dicom);
  }
}

/** Starts it. It rejects if the code cannot be had. */
export async function startFullViewer(): Promise<void> {
  for (const file of fullFiles) {
    preload(file);
  }
  const { opening } = state;
  if (opening) {
    const instance = `/dicom-web/studies/${state.study}/series/${opening.series}/instances/${opening.instance}`;
    const Accept = frameAccept(opening.transfer_syntax, opening.photometric);
    // The browser keeps it for the loader, which asks in the same words.
    fetch(`${instance}/frames/${opening.frame}`, { headers: { Accept } })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }
  await import('../main');
}
