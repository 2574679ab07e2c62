/**
 * Pictures that the server makes of frames, a few at a time: the wanted ones first, what is not wanted any more is given
 * up. Decoded ones are held up to a bound that a phone with little memory can bear; the browser keeps the bytes.
 */

/** A picture: which, and where it is had. */
export interface Wanted {
  readonly key: string;
  readonly url: string;
  /** Once it is decoded. */
  readonly bytes: number;
}

/** Why there is no picture: `status` 0 where no answer came, and undefined where the answer was no picture. */
export interface PictureFailure {
  readonly status: number | undefined;
}

/** Of decoded pictures, in bytes. */
const mostBytes = 32 * 1024 * 1024;
const mostAtOnce = 4;

type Decoded = Pick<ImageBitmap, 'width' | 'height' | 'close'>;

export interface PictureEvents<Picture> {
  arrived(key: string, picture: Picture): void;
  failed(key: string, failure: PictureFailure): void;
  /** An answer came, or none. */
  connected(isConnected: boolean): void;
}

export class Pictures<Picture extends Decoded> {
  readonly #here = new Map<string, Picture>();
  readonly #underWay = new Map<string, AbortController>();
  readonly #failures = new Map<string, PictureFailure>();
  readonly #events: PictureEvents<Picture>;
  readonly #decode: (blob: Blob) => Promise<Picture>;
  #wanted: readonly Wanted[] = [];
  #bytes = 0;
  #isResting = false;

  constructor(decode: (blob: Blob) => Promise<Picture>, events: PictureEvents<Picture>) {
    this.#decode = decode;
    this.#events = events;
  }

  get(key: string): Picture | undefined {
    return this.#here.get(key);
  }

  failure(key: string): PictureFailure | undefined {
    return this.#failures.get(key);
  }

  /** The pictures to have, the most wanted first. */
  want(wanted: readonly Wanted[]): void {
    this.#wanted = wanted;
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, controller] of this.#underWay) {
      if (!keys.has(key)) {
        controller.abort();
        this.#underWay.delete(key);
      }
    }
    this.#fill();
  }

  /** Failed ones are asked for again. */
  retry(): void {
    this.#failures.clear();
    this.#isResting = false;
    this.#fill();
  }

  /** Nothing held is of use any more. */
  clear(): void {
    this.want([]);
    for (const picture of this.#here.values()) {
      picture.close();
    }
    this.#here.clear();
    this.#failures.clear();
    this.#bytes = 0;
  }

  #fill(): void {
    let bytes = 0;
    for (const wanted of this.#wanted) {
      const { key } = wanted;
      bytes += wanted.bytes;
      // What would push out something that is wanted more stays where it is.
      const isTooMuch = bytes > mostBytes && wanted !== this.#wanted[0];
      if (this.#isResting || isTooMuch || this.#underWay.size >= mostAtOnce) {
        return;
      }
      if (!this.#here.has(key) && !this.#underWay.has(key) && !this.#failures.has(key)) {
        void this.#fetch(wanted);
      }
    }
  }

  async #fetch({ key, url }: Wanted): Promise<void> {
    const controller = new AbortController();
    this.#underWay.set(key, controller);
    const { signal } = controller;
    let failure: PictureFailure | undefined;
    try {
      const response = await fetch(url, { signal });
      // What was asked before the connection was lost may come from the browser's own memory.
      if (!this.#isResting) {
        this.#events.connected(true);
      }
      if (response.ok) {
        const blob = await response.blob();
        failure = { status: undefined };
        this.#keep(key, await this.#decode(blob), signal);
        failure = undefined;
      } else {
        failure = { status: response.status };
      }
    } catch {
      failure ??= { status: 0 };
    }
    if (signal.aborted) {
      return;
    }
    this.#underWay.delete(key);
    if (failure?.status === 0) {
      // It is not the picture's fault: all of them wait.
      this.#isResting = true;
      this.#events.connected(false);
    } else if (failure) {
      this.#failures.set(key, failure);
      this.#events.failed(key, failure);
    }
    this.#fill();
  }

  #keep(key: string, picture: Picture, signal: AbortSignal): void {
    if (signal.aborted) {
      picture.close();
      return;
    }
    const size = ({ width, height }: Picture) => width * height * 4;
    this.#here.set(key, picture);
    this.#bytes += size(picture);
    // Those that are wanted least, and before them those that nobody wants, make room.
    const rank = new Map(this.#wanted.map((wanted, place) => [wanted.key, place]));
    const order = [...this.#here.keys()].sort(
      (a, b) => (rank.get(b) ?? Number.MAX_SAFE_INTEGER) - (rank.get(a) ?? Number.MAX_SAFE_INTEGER),
    );
    for (const other of order) {
      const held = this.#here.get(other);
      if (this.#bytes <= mostBytes || !held) {
        break;
      }
      if (other === key) {
        continue;
      }
      this.#here.delete(other);
      this.#bytes -= size(held);
      held.close();
    }
    this.#events.arrived(key, picture);
  }
}
