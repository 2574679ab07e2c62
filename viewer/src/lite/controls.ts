/** The page around the picture: its labels, buttons, keys and the bar of the stack. */
import { presetsFor } from '../imaging/presets';
import { listenToHands } from './gestures';
import type { Shown, StackPage, Trouble } from './stackPage';
import { offeredWindows, type PageSeries, state, t } from './state';

function part<Part extends HTMLElement>(id: string): Part {
  return document.getElementById(id) as Part;
}

const [lite, stage, track] = [part('lite'), part('stage'), part('track')];
const list = lite.querySelector('nav');

function troubleText(trouble: Trouble, index: number): string {
  switch (trouble.kind) {
    case 'offline':
      return t('lite.offline');
    case 'noPictures':
      return t('lite.noPictures');
    case 'series':
      return t('lite.seriesFailed', { status: trouble.status });
    case 'frame':
      return trouble.status === undefined
        ? t('lite.frameUnreadable', { index: index + 1 })
        : t('lite.frameFailed', { index: index + 1, status: trouble.status });
  }
}

function showTrouble(trouble: Trouble | undefined, index: number, retry: () => void): void {
  const box = part('trouble');
  const text = trouble ? troubleText(trouble, index) : '';
  box.hidden = !trouble;
  if (box.dataset.text !== text) {
    box.dataset.text = text;
    box.dataset.kind = trouble?.kind === 'offline' ? 'offline' : 'failed';
    const words = document.createElement('span');
    words.textContent = text;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = t('lite.retry');
    button.addEventListener('click', retry);
    box.replaceChildren(words, ...(trouble && trouble.kind !== 'noPictures' ? [button] : []));
  }
}

/** A round number of a window. */
function rounded(value: number): number {
  return Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** The bar: where one is, and the pictures that are here as stripes. */
function showTrack({ index, count, isLoaded }: Shown): void {
  const stripes: HTMLElement[] = [];
  for (let from = 0; from < count; from += 1) {
    if (isLoaded(from)) {
      let to = from;
      while (to + 1 < count && isLoaded(to + 1)) {
        to += 1;
      }
      const stripe = document.createElement('b');
      stripe.style.top = `${(from / count) * 100}%`;
      stripe.style.height = `${((to - from + 1) / count) * 100}%`;
      stripes.push(stripe);
      from = to;
    }
  }
  const thumb = document.createElement('i');
  thumb.style.top = `${((index + 0.5) / Math.max(count, 1)) * 100}%`;
  track.replaceChildren(...stripes, ...(count > 1 ? [thumb] : []));
  track.setAttribute('aria-valuemax', String(Math.max(count, 1)));
  track.setAttribute('aria-valuenow', String(index + 1));
}

function showWindows(series: PageSeries | undefined, hasWindow: boolean): void {
  const choice = part<HTMLSelectElement>('windows');
  choice.disabled = !hasWindow;
  if (choice.dataset.modality !== series?.modality) {
    choice.dataset.modality = series?.modality ?? '';
    const option = (name: string, value: string) => new Option(name, value);
    choice.replaceChildren(
      option(t('lite.ownWindow'), ''),
      ...offeredWindows(presetsFor(series?.modality ?? '')).map(({ name, center, width }) =>
        option(name, `${center},${width}`),
      ),
    );
  }
}

/** Writes what is shown. */
export function tell(page: StackPage, shown: Shown): void {
  const { series, index, count, window, isHere, isPlaying, trouble } = shown;
  lite.dataset.level = isHere ? 'preview' : 'loading';
  part('quality').textContent = isHere ? t('lite.preview') : t('lite.loading');
  part('quality').hidden = trouble !== undefined && trouble.kind !== 'offline' && !isHere;
  part('place').textContent = count > 0 ? t('lite.imageOf', { index: index + 1, count }) : '';
  part('window').textContent = window
    ? t('lite.window', { width: rounded(window.width), center: rounded(window.center) })
    : '';
  const cine = part('cine');
  cine.setAttribute('aria-pressed', String(isPlaying));
  cine.setAttribute('aria-label', isPlaying ? t('lite.pause') : t('lite.play'));
  stage.dataset.index = String(index);
  stage.dataset.series = series?.uid ?? '';
  showTrouble(trouble, index, () => page.retry());
  showWindows(series, window !== undefined);
  showTrack(shown);
}

/** Marks a series in the list and in the address. */
function markSeries({ uid }: PageSeries): void {
  for (const link of lite.querySelectorAll<HTMLElement>('[data-series]')) {
    link.setAttribute('aria-current', String(link.dataset.series === uid));
  }
  lite.classList.remove('listed');
  const address = new URL(location.href);
  address.searchParams.set('series', uid);
  address.searchParams.delete('tier');
  history.replaceState(history.state, '', address);
}

/** Thumbnails come when the list is opened, not before the first picture. */
function showThumbnails(): void {
  for (const link of lite.querySelectorAll<HTMLElement>('nav a[data-series]')) {
    if (!link.querySelector('img')) {
      const picture = new Image();
      picture.loading = 'lazy';
      picture.alt = '';
      picture.addEventListener('error', () => picture.remove());
      picture.src = `/dicom-web/studies/${state.study}/series/${link.dataset.series}/thumbnail`;
      link.prepend(picture);
    }
  }
}

/** Listens to hands and keys. `held` is told whether a hand is on the picture. */
export function listen(page: StackPage, current: () => PageSeries | undefined, held: (isHeld: boolean) => void): void {
  const { signal } = new AbortController();
  const open = (series: PageSeries | undefined) => {
    if (series && series !== current()) {
      markSeries(series);
      void page.open(series);
    }
  };
  const step = (by: 1 | -1) => {
    const present = current();
    open(present && state.series[state.series.indexOf(present) + by]);
  };
  listenToHands(
    stage,
    {
      scroll: (steps) => page.scroll(steps),
      zoom: (factor, at) => page.zoom(factor, at),
      pan: (dx, dy) => page.pan(dx, dy),
      window: (dx, dy) => page.dragWindow(dx, dy),
      fit: () => page.fit(),
      series: step,
      count: () => page.count,
      held,
    },
    signal,
  );
  list?.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-series]') : null;
    const series = state.series.find(({ uid }) => uid === link?.dataset.series);
    if (series) {
      event.preventDefault();
      lite.classList.remove('listed');
      open(series);
    }
  });
  part('seriesButton').addEventListener('click', () => {
    lite.classList.toggle('listed');
    showThumbnails();
  });
  part('previousSeries').addEventListener('click', () => step(-1));
  part('nextSeries').addEventListener('click', () => step(1));
  part('cine').addEventListener('click', () => page.setPlaying(!page.isPlaying));
  part('fit').addEventListener('click', () => page.fit());
  const windows = part<HTMLSelectElement>('windows');
  windows.addEventListener('change', () => {
    const [center, width] = windows.value.split(',').map(Number);
    page.setWindow(center !== undefined && width !== undefined ? { center, width } : undefined);
  });
  const goTo = (event: PointerEvent) => {
    const box = track.getBoundingClientRect();
    page.show(((event.clientY - box.top) / box.height) * page.count - 0.5);
  };
  track.addEventListener('pointerdown', (event) => {
    track.setPointerCapture(event.pointerId);
    goTo(event);
  });
  track.addEventListener('pointermove', (event) => {
    if (event.buttons !== 0) {
      goTo(event);
    }
  });
  const keys = new Map<string, () => void>([
    ['ArrowUp', () => page.scroll(-1)],
    ['ArrowDown', () => page.scroll(1)],
    ['Home', () => page.show(0)],
    ['End', () => page.show(page.count - 1)],
    ['PageUp', () => step(-1)],
    ['PageDown', () => step(1)],
    ['c', () => page.setPlaying(!page.isPlaying)],
    ['+', () => page.zoomInMiddle(1.25)],
    ['-', () => page.zoomInMiddle(0.8)],
    ['=', () => page.fit()],
    ['Escape', () => lite.classList.remove('listed')],
  ]);
  document.addEventListener('keydown', (event) => {
    const isElsewhere = !lite.isConnected || (event.target instanceof Element && event.target.closest('select'));
    const act = keys.get(event.key);
    if (act && !isElsewhere && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      act();
    }
  });
}
