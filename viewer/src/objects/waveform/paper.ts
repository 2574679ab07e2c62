/** The paper that the server draws a waveform on, and what is measured on it. Its unit is the millimetre. */

/** What of the paper belongs to one curve. */
export interface CurveArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  /** Of its values; empty if they have none. */
  readonly unit: string;
  /** What a millimetre of height means. */
  readonly perMillimetre: number;
}

export interface Paper {
  readonly width: number;
  readonly height: number;
  readonly curves: readonly CurveArea[];
}

/** A point of the paper. */
export type PaperPoint = readonly [x: number, y: number];

/** Paper speed. */
const millimetresPerSecond = 25;

/** Millimetres of CSS, of which 100 % is made, in CSS pixels (CSS Values and Units section 6.2, Absolute Lengths). */
export const pixelsPerMillimetre = 96 / 25.4;

/** Reads a drawing; undefined if it is none. */
export function paperOf(svg: string): Paper | undefined {
  const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const [, , width = 0, height = 0] = (root.getAttribute('viewBox') ?? '').split(' ').map(Number);
  if (root.localName !== 'svg' || !(width > 0) || !(height > 0)) {
    return undefined;
  }
  const curves = [...root.querySelectorAll('[data-area]')].map((curve) => {
    const [left = 0, top = 0, wide = 0, high = 0] = (curve.getAttribute('data-area') ?? '').split(' ').map(Number);
    return {
      left,
      top,
      width: wide,
      height: high,
      name: curve.getAttribute('data-name') ?? '',
      unit: curve.getAttribute('data-unit') ?? '',
      perMillimetre: Number(curve.getAttribute('data-per-millimetre')),
    };
  });
  return { width, height, curves };
}

/** The curve whose part of the paper a point is in. */
export function curveAt({ curves }: Paper, [x, y]: PaperPoint): CurveArea | undefined {
  return curves.find(({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height);
}

export interface Measured {
  readonly milliseconds: number;
  /** In the unit of the curve, up being positive; undefined beside all curves. */
  readonly amplitude: number | undefined;
  readonly unit: string;
  readonly name: string;
  /** Of what comes back after this time; undefined for what is too short to be a beat. */
  readonly perMinute: number | undefined;
}

/** No heart beats faster. */
const shortestBeatMs = 150;

/** From one calliper to the other, by the curve under the first. */
export function measured(paper: Paper, from: PaperPoint, to: PaperPoint): Measured {
  const curve = curveAt(paper, from);
  const milliseconds = (Math.abs(to[0] - from[0]) / millimetresPerSecond) * 1000;
  return {
    milliseconds,
    amplitude: curve && (from[1] - to[1]) * curve.perMillimetre,
    unit: curve?.unit ?? '',
    name: curve?.name ?? '',
    perMinute: milliseconds >= shortestBeatMs ? 60_000 / milliseconds : undefined,
  };
}

export type Callipers = readonly [from: PaperPoint, to: PaperPoint];

/** How near a hand must be to a line to take it, in millimetres. */
const reachMm = 1.5;

/** The callipers with which a drag from this point begins: the end that is near stays in the hand, or new ones are opened. */
export function grasped(present: Callipers | undefined, at: PaperPoint): Callipers {
  if (present) {
    const [from, to] = present;
    const near = ([x, y]: PaperPoint) => Math.min(Math.abs(x - at[0]), Math.abs(y - at[1])) <= reachMm;
    const isWithin = ([x, y]: PaperPoint, [u, v]: PaperPoint) =>
      at[0] >= Math.min(x, u) - reachMm &&
      at[0] <= Math.max(x, u) + reachMm &&
      at[1] >= Math.min(y, v) - reachMm &&
      at[1] <= Math.max(y, v) + reachMm;
    if (isWithin(from, to)) {
      if (near(to)) {
        return [from, to];
      }
      if (near(from)) {
        return [to, from];
      }
    }
  }
  return [at, at];
}
