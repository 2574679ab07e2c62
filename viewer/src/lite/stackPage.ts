/**
 * The picture of the page: which frame of which series is shown, in which window and how large. Everything is drawn by
 * the server; a coarse picture comes before the sharp one, and coarse ones of the frames around it before their sharp ones.
 */
import { prefetchOrder } from '../imaging/prefetchOrder';
import {
  type Area,
  fieldOf,
  fitted,
  type Look,
  lookAt,
  neededSide,
  panned,
  rectangle,
  type Shape,
  zoomed,
} from './geometry';
import type { Seen } from './handover';
import { type PictureFailure, Pictures, type Wanted } from './pictures';
import { fetchStack, SeriesError, type Stack, type StackFrame } from './seriesFrames';
import { type PageSeries, state } from './state';

type GreyWindow = NonNullable<Seen['window']>;

const coarseSide = 256;
/** Sharp pictures are asked for when the hand rests so long. */
const settleMs = 150;
const retryMs = 3_000;
/** Frames around the present one whose coarse pictures are fetched, and whose sharp ones. */
const [coarseReach, sharpReach] = [96, 6];

export type Trouble =
  | { readonly kind: 'offline' }
  | { readonly kind: 'noPictures' }
  | { readonly kind: 'series'; readonly status: number }
  | { readonly kind: 'frame'; readonly status: number | undefined };

/** What is to be seen beside the picture. */
export interface Shown {
  readonly series: PageSeries | undefined;
  readonly index: number;
  readonly count: number;
  readonly window: GreyWindow | undefined;
  readonly ownWindow: boolean;
  /** Whether any picture of the present frame is on the screen. */
  readonly isHere: boolean;
  readonly isPlaying: boolean;
  readonly trouble: Trouble | undefined;
  /** Frames whose picture is here. */
  isLoaded(index: number): boolean;
}

export class StackPage {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed: (shown: Shown) => void;
  readonly #pictures: Pictures<ImageBitmap>;
  /** The picture that came with the page, while it is the best there is. */
  #first: HTMLImageElement | null;
  #series: PageSeries | undefined;
  #stack: Stack | undefined;
  #index = 0;
  #direction: 1 | -1 = 1;
  #window: GreyWindow | undefined;
  #look: Look = fitted;
  #trouble: Trouble | undefined;
  #opening: AbortController | undefined;
  #settleTimer: number | undefined;
  #isMoving = false;
  #retryTimer: number | undefined;
  #playTimer: number | undefined;
  #isDrawing = false;
  #drawn: { readonly index: number; readonly key: string } | undefined;
  /** Another viewer is on its way: the line is for that, and only what the reader moves to is fetched. */
  #isGuest = false;
  #isChosen = false;

  constructor(canvas: HTMLCanvasElement, first: HTMLImageElement | null, changed: (shown: Shown) => void) {
    this.#canvas = canvas;
    this.#first = first;
    this.#changed = changed;
    this.#pictures = new Pictures<ImageBitmap>((blob) => createImageBitmap(blob), {
      arrived: () => this.#redraw(),
      failed: (_, { status }) => {
        if (status === 401) {
          location.reload();
        }
        this.#redraw();
      },
      connected: (isConnected) => this.#setConnected(isConnected),
    });
    window.addEventListener('online', () => this.retry());
    new ResizeObserver(() => this.#moved()).observe(canvas);
  }

  get #area(): Area {
    return { width: this.#canvas.clientWidth || 1, height: this.#canvas.clientHeight || 1 };
  }

  get #frame(): StackFrame | undefined {
    return this.#stack?.frames[this.#index];
  }

  get #shape(): Shape {
    const { opening } = state;
    return this.#frame ?? { columns: opening?.columns ?? 1, rows: opening?.rows ?? 1, aspect: 1 };
  }

  get count(): number {
    return this.#stack?.frames.length ?? 0;
  }

  /** What is seen, for the viewer that takes over. */
  seen(): Seen | undefined {
    const frame = this.#frame ?? state.opening;
    return (
      this.#series && {
        study: state.study,
        series: this.#series.uid,
        // Of a series without pictures there is none.
        instance: frame?.instance ?? '',
        frame: frame?.frame ?? 0,
        window: this.#window,
        field: fieldOf(this.#shape, this.#area, this.#look),
        isPlaying: this.isPlaying,
        isChosen: this.#isChosen || this.#window !== undefined || this.#look !== fitted,
      }
    );
  }

  /** Opens a series where it was left, or at the picture of the page, or at its beginning. */
  async open(series: PageSeries, seen?: Seen): Promise<void> {
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    this.#isChosen ||= seen !== undefined || (this.#series !== undefined && this.#series !== series);
    this.setPlaying(false);
    this.#pictures.clear();
    this.#drawn = undefined;
    if (series.uid !== state.opening?.series) {
      this.#hideFirst();
    }
    [this.#series, this.#stack, this.#index, this.#window, this.#look] = [series, undefined, 0, undefined, fitted];
    this.#trouble = undefined;
    this.#redraw();
    try {
      const stack = await fetchStack(state.study, series.uid, opening.signal);
      this.#stack = stack;
      const start = seen ?? state.opening;
      const at = stack.frames.findIndex(({ instance, frame }) => instance === start?.instance && frame === start.frame);
      this.#index = Math.max(at, 0);
      this.#window = seen?.window;
      this.#look = seen?.field ? lookAt(this.#shape, this.#area, seen.field) : fitted;
      this.#trouble = stack.frames.length === 0 ? { kind: 'noPictures' } : undefined;
      if (at < 0 || seen) {
        this.#hideFirst();
      }
      this.#moved();
    } catch (error) {
      if (!opening.signal.aborted) {
        this.#failSeries(error);
      }
    }
  }

  #failSeries(error: unknown): void {
    const status = error instanceof SeriesError ? error.status : 0;
    if (status === 401) {
      location.reload();
    } else if (status === 0) {
      this.#setConnected(false);
    } else {
      this.#trouble = { kind: 'series', status };
    }
    this.#redraw();
  }

  #hideFirst(): void {
    this.#first?.remove();
    this.#first = null;
  }

  #setConnected(isConnected: boolean): void {
    window.clearTimeout(this.#retryTimer);
    if (isConnected) {
      if (this.#trouble?.kind === 'offline') {
        this.#trouble = undefined;
      }
    } else {
      this.#trouble = { kind: 'offline' };
      this.#retryTimer = window.setTimeout(() => this.retry(), retryMs);
    }
    this.#redraw();
  }

  /** What failed is tried again. */
  retry(): void {
    if (!this.#series) {
      return;
    }
    if (this.#stack) {
      this.#pictures.retry();
      this.#moved();
    } else {
      void this.open(this.#series);
    }
  }

  setGuest(isGuest: boolean): void {
    this.#isGuest = isGuest;
    this.#want();
  }

  /** Another viewer goes on. */
  end(): void {
    this.setPlaying(false);
    this.#opening?.abort();
    window.clearTimeout(this.#retryTimer);
    window.clearTimeout(this.#settleTimer);
    this.#series = undefined;
    this.#pictures.clear();
  }

  show(wanted: number): void {
    const index = Math.min(Math.max(Math.round(wanted), 0), Math.max(this.count - 1, 0));
    if (index !== this.#index) {
      this.#direction = index > this.#index ? 1 : -1;
      this.#index = index;
      this.#isChosen = true;
      this.#hideFirst();
      this.#moved();
    }
  }

  scroll(steps: number): void {
    this.show(this.#index + steps);
  }

  /** A window that the reader chose, or that of each image. */
  setWindow(window: GreyWindow | undefined): void {
    if (this.#frame?.window) {
      this.#window = window;
      this.#moved();
    }
  }

  /** To the right widens, downwards darkens, in steps of the present width as in the full viewer. */
  dragWindow(dx: number, dy: number): void {
    const present = this.#window ?? this.#frame?.window;
    if (present) {
      const step = Math.max(present.width / 300, 0.001);
      const [center, width] = [present.center + dy * step, Math.max(present.width + dx * step, 2)];
      this.setWindow({ center: Math.round(center * 10) / 10, width: Math.round(width * 10) / 10 });
    }
  }

  zoom(factor: number, at: readonly [number, number]): void {
    this.#look = zoomed(this.#shape, this.#area, this.#look, factor, at);
    this.#moved();
  }

  zoomInMiddle(factor: number): void {
    this.zoom(factor, [this.#area.width / 2, this.#area.height / 2]);
  }

  pan(dx: number, dy: number): void {
    this.#look = panned(this.#shape, this.#area, this.#look, dx, dy);
    this.#moved();
  }

  fit(): void {
    this.#look = fitted;
    this.#moved();
  }

  get isPlaying(): boolean {
    return this.#playTimer !== undefined;
  }

  setPlaying(isPlaying: boolean): void {
    window.clearInterval(this.#playTimer);
    this.#playTimer = undefined;
    if (isPlaying && this.count > 1) {
      this.#playTimer = window.setInterval(
        () => {
          const next = (this.#index + 1) % this.count;
          // It waits for pictures rather than jump over them.
          if (!document.hidden && (this.#best(next) || this.#failureAt(next))) {
            this.show(next);
          }
        },
        1000 / (this.#stack?.rate ?? 10),
      );
    }
    this.#redraw();
  }

  #picture(index: number, side: number): Wanted | undefined {
    const frame = this.#stack?.frames[index];
    if (!frame || !this.#series) {
      return undefined;
    }
    const chosen = this.#window && frame.window ? `&window=${this.#window.center},${this.#window.width},linear` : '';
    const quality = side === coarseSide ? 60 : 80;
    const instance = `/dicom-web/studies/${state.study}/series/${this.#series.uid}/instances/${frame.instance}`;
    const url = `${instance}/frames/${frame.frame}/rendered?viewport=${side},${side}&quality=${quality}${chosen}`;
    return { key: url, url, bytes: side * side * 4 };
  }

  get #sharpSide(): number {
    return neededSide(this.#shape, this.#area, this.#look, devicePixelRatio);
  }

  /** The key of the sharpest picture of a frame that is here. */
  #best(index: number): string | undefined {
    const keys = [2048, 1024, 512, 256].flatMap((side) => this.#picture(index, side)?.key ?? []);
    return keys.find((key) => this.#pictures.get(key));
  }

  #failureAt(index: number): PictureFailure | undefined {
    const failure = (side: number) => this.#pictures.failure(this.#picture(index, side)?.key ?? '');
    return failure(coarseSide) ?? failure(this.#sharpSide);
  }

  /** Place, window or size is another: other pictures are wanted, the sharp ones once it stays so. */
  #moved(): void {
    this.#isMoving = true;
    window.clearTimeout(this.#settleTimer);
    this.#settleTimer = window.setTimeout(() => {
      this.#isMoving = false;
      this.#want();
    }, settleMs);
    this.#want();
    this.#redraw();
  }

  #want(): void {
    const present = this.#index;
    const around = prefetchOrder({ current: present, count: this.count, direction: this.#direction });
    const sharp = this.#sharpSide;
    const isFirst = this.#first !== null && !this.#window;
    if (this.#isGuest && isFirst) {
      this.#pictures.want([]);
      return;
    }
    const wanted = [
      // What the page came with is as good as a coarse one.
      ...(isFirst ? [] : [this.#picture(present, coarseSide)]),
      ...(this.#isMoving ? [] : [this.#picture(present, sharp)]),
      ...(this.#isGuest ? [] : around.slice(0, coarseReach)).map((index) => this.#picture(index, coarseSide)),
      ...(this.#isGuest || this.#isMoving || this.isPlaying ? [] : around.slice(0, sharpReach)).map((index) =>
        this.#picture(index, sharp),
      ),
    ];
    this.#pictures.want(wanted.flatMap((picture) => picture ?? []));
  }

  #redraw(): void {
    if (!this.#isDrawing) {
      this.#isDrawing = true;
      requestAnimationFrame(() => {
        this.#isDrawing = false;
        if (this.#canvas.isConnected) {
          this.#draw();
        }
      });
    }
  }

  #draw(): void {
    const { width, height } = this.#area;
    const ratio = Math.min(devicePixelRatio, 2);
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== across || this.#canvas.height !== down) {
      [this.#canvas.width, this.#canvas.height] = [across, down];
    }
    const context = this.#canvas.getContext('2d');
    const best = this.#best(this.#index);
    const isFirst = this.#first?.complete === true && !this.#window;
    if (best !== undefined) {
      this.#hideFirst();
      this.#drawn = { index: this.#index, key: best };
    }
    const isHere = best !== undefined || isFirst;
    // The same frame in an earlier window stays until the new one comes.
    const before = this.#drawn?.index === this.#index && !this.#failureAt(this.#index) ? this.#drawn.key : '';
    const picture = this.#pictures.get(best ?? before) ?? (this.#failureAt(this.#index) ? undefined : this.#first);
    context?.clearRect(0, 0, across, down);
    if (picture && context) {
      const at = rectangle(this.#shape, { width, height }, this.#look);
      context.imageSmoothingQuality = 'high';
      context.drawImage(picture, at.x * ratio, at.y * ratio, at.width * ratio, at.height * ratio);
      // The canvas has it now, as it is zoomed and moved.
      this.#first?.style.setProperty('visibility', 'hidden');
    }
    this.#tell(isHere);
  }

  #tell(isHere: boolean): void {
    const failure = isHere ? undefined : this.#failureAt(this.#index);
    const window = this.#window ?? this.#frame?.window;
    this.#changed({
      series: this.#series,
      index: this.#index,
      count: this.count,
      window,
      ownWindow: this.#window === undefined,
      isHere,
      isPlaying: this.isPlaying,
      trouble: this.#trouble ?? (failure && { kind: 'frame', status: failure.status }),
      isLoaded: (index) => this.#best(index) !== undefined,
    });
  }
}
