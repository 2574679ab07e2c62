/** The script of the page that the server makes of a study: quick pictures, and the full viewer behind them where it suits. */
import { listen, tell } from './controls';
import { askForItsData, startFullViewer } from './fullViewer';
import { offer, recall, remember } from './handover';
import { isOtherLanguage } from './language';
import { StackPage } from './stackPage';
import { type PageSeries, state, t } from './state';
import { chooseTier, presentTier } from './tier';

const lite = document.getElementById('lite') as HTMLElement;
const canvas = lite.querySelector('canvas') as HTMLCanvasElement;
const button = document.getElementById('full') as HTMLButtonElement;

let series: PageSeries | undefined;
let isHeld = false;
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) {
    listener();
  }
}

const page = new StackPage(canvas, document.querySelector<HTMLImageElement>('#first'), (shown) => {
  series = shown.series;
  tell(page, shown);
  changed();
});

function goOnInFull(): void {
  button.disabled = true;
  page.setGuest(true);
  button.textContent = t('lite.fullLoading');
  const fail = () => {
    page.setGuest(false);
    button.disabled = false;
    button.textContent = t('lite.full');
    button.title = t('lite.fullFailed');
    lite.dataset.full = 'failed';
  };
  offer({
    study: state.study,
    asked,
    seen: () => (isHeld ? undefined : page.seen()),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    end: () => {
      offer(undefined);
      listeners.clear();
      page.end();
      lite.remove();
    },
    fail,
  });
  startFullViewer().catch(fail);
}

const seen = recall(sessionStorage, state.study);
const asked = new URLSearchParams(location.search).get('series') ?? undefined;

function start(): void {
  const tier = presentTier();
  const wanted = seen?.series ?? asked ?? state.opening?.series;
  const first = state.series.find(({ uid }) => uid === wanted) ?? state.series[0];
  if (tier === 'full') {
    askForItsData(first?.uid);
  }
  listen(
    page,
    () => series,
    (held) => {
      isHeld = held;
      changed();
    },
  );
  if (first) {
    void page.open(first, seen);
  }
  if (tier === 'full') {
    goOnInFull();
  }
}

button.addEventListener('click', () => {
  chooseTier('full');
  const present = page.seen();
  if (lite.dataset.full === 'failed' && present) {
    // A module that failed once is not asked for again by the same page.
    remember(sessionStorage, present);
    location.reload();
  } else {
    askForItsData(undefined);
    goOnInFull();
  }
});

if (isOtherLanguage()) {
  if (seen) {
    remember(sessionStorage, seen);
  }
  location.reload();
} else {
  start();
}
