/**
 * Puts frames into the voxels of a volume as they arrive, in any order: slices that lie between those that were taken are
 * interpolated, tilted ones put in their places, a frame that failed is bridged by its neighbours.
 */
import type { Volume } from './volumeGeometry';

export type Voxels = Int16Array | Uint16Array | Uint8Array | Float32Array;

/** Closer to a slice of the grid than that, in slices, a frame is that slice. */
const onSlice = 0.01;

type Settled = Voxels | 'failed';

/** The sources that any slice of the grid is made of, by their places among the sources. */
export function neededSources({ grid, sources }: Volume): number[] {
  const needed = new Set<number>();
  let at = 0;
  for (let slice = 0; slice < grid.size[2]; slice += 1) {
    while ((sources[at + 1]?.depth ?? Number.POSITIVE_INFINITY) <= slice + onSlice) {
      at += 1;
    }
    needed.add(at);
    if (at + 1 < sources.length && slice - (sources[at]?.depth ?? 0) > onSlice) {
      needed.add(at + 1);
    }
  }
  return [...needed];
}

export class VolumeFiller {
  readonly #volume: Volume;
  readonly #voxels: Voxels;
  readonly #outside: number;
  /** What came and may be needed for slices beside it, by the places of the sources. */
  readonly #settled = new Map<number, Settled>();
  readonly #needed: readonly number[];

  /** `outside` is the value where no frame says anything; all voxels have it at first. */
  constructor(volume: Volume, voxels: Voxels, outside: number) {
    this.#volume = volume;
    this.#voxels = voxels;
    this.#outside = outside;
    this.#needed = neededSources(volume);
    voxels.fill(outside);
  }

  /** Takes the pixels of a source, and answers which slices of the grid changed. */
  accept(source: number, pixels: ArrayLike<number>): number[] {
    const { sources } = this.#volume;
    this.#settled.set(source, this.#placed(binned(pixels, this.#volume), sources[source]?.shift ?? [0, 0]));
    return this.#fillAround(source);
  }

  /** There is nothing to be had of a source: those beside it are interpolated. */
  fail(source: number): number[] {
    this.#settled.set(source, 'failed');
    return this.#fillAround(source);
  }

  #placed(pixels: Voxels, [right, down]: readonly [number, number]): Voxels {
    const { grid, columns, rows, binning } = this.#volume;
    const [width, height] = [Math.floor(columns / binning), Math.floor(rows / binning)];
    const [gridColumns, gridRows] = grid.size;
    if (right === 0 && down === 0 && width === gridColumns && height === gridRows) {
      return pixels;
    }
    const placed = new Float32Array(gridColumns * gridRows).fill(this.#outside);
    for (let y = 0; y < gridRows; y += 1) {
      for (let x = 0; x < gridColumns; x += 1) {
        const [column, row] = [x - right, y - down];
        if (column > -1 && row > -1 && column < width && row < height) {
          placed[y * gridColumns + x] = between(pixels, width, height, column, row);
        }
      }
    }
    return placed;
  }

  #fillAround(source: number): number[] {
    const at = this.#needed.indexOf(source);
    const [before, after] = [this.#beside(at, -1), this.#beside(at, 1)];
    const changed: number[] = [];
    const own = this.#settled.get(source);
    if (own !== undefined && own !== 'failed') {
      changed.push(...this.#fill(source, source));
      if (before !== undefined) {
        changed.push(...this.#fill(before, source));
      }
      if (after !== undefined) {
        changed.push(...this.#fill(source, after));
      }
    } else if (before !== undefined && after !== undefined) {
      changed.push(...this.#fill(before, after));
    }
    this.#forget();
    return [...new Set(changed)];
  }

  /** The next source that came; undefined while one in between is still awaited. */
  #beside(at: number, step: 1 | -1): number | undefined {
    for (let other = at + step; other >= 0 && other < this.#needed.length; other += step) {
      const source = this.#needed[other];
      const settled = source === undefined ? undefined : this.#settled.get(source);
      if (settled !== 'failed') {
        return settled === undefined ? undefined : source;
      }
    }
    return undefined;
  }

  /** Fills the slices from one source to another, both included where they are slices of the grid. */
  #fill(from: number, to: number): number[] {
    const [a, b] = [this.#settled.get(from), this.#settled.get(to)];
    const [low, high] = [this.#volume.sources[from]?.depth ?? 0, this.#volume.sources[to]?.depth ?? 0];
    if (!a || !b || a === 'failed' || b === 'failed') {
      return [];
    }
    const [columns, rows, slices] = this.#volume.grid.size;
    const area = columns * rows;
    const filled: number[] = [];
    for (let slice = Math.max(0, Math.ceil(low - onSlice)); slice <= high + onSlice && slice < slices; slice += 1) {
      const share = high > low ? (slice - low) / (high - low) : 0;
      const target = this.#voxels.subarray(slice * area, (slice + 1) * area);
      const isWhole = !(target instanceof Float32Array);
      if ((high - low) * share <= onSlice || (high - low) * (1 - share) <= onSlice) {
        const source = (high - low) * share <= onSlice ? a : b;
        if (isWhole && source instanceof Float32Array) {
          for (let at = 0; at < area; at += 1) {
            target[at] = Math.round(source[at] ?? 0);
          }
        } else {
          target.set(source);
        }
      } else {
        for (let at = 0; at < area; at += 1) {
          const value = (a[at] ?? 0) + share * ((b[at] ?? 0) - (a[at] ?? 0));
          target[at] = isWhole ? Math.round(value) : value;
        }
      }
      filled.push(slice);
    }
    return filled;
  }

  /** Pixels whose neighbours have all come are not needed any more: the volume has them. */
  #forget(): void {
    this.#needed.forEach((source, at) => {
      const settled = this.#settled.get(source);
      const isDone = [-1, 1].every((step) => {
        const edge = at + step < 0 || at + step >= this.#needed.length;
        return edge || this.#beside(at, step as 1 | -1) !== undefined || this.#isFailedToTheEnd(at, step);
      });
      if (settled instanceof Object && settled.length > 0 && isDone) {
        this.#settled.set(source, nothing);
      }
    });
  }

  #isFailedToTheEnd(at: number, step: number): boolean {
    for (let other = at + step; other >= 0 && other < this.#needed.length; other += step) {
      if (this.#settled.get(this.#needed[other] ?? -1) !== 'failed') {
        return false;
      }
    }
    return true;
  }
}

/** In place of pixels that were put where they belong. */
const nothing = new Uint8Array(0);

/** The mean of each square of pixels. */
function binned(pixels: ArrayLike<number>, { columns, rows, binning }: Volume): Voxels {
  if (binning === 1) {
    return pixels as Voxels;
  }
  const [width, height] = [Math.floor(columns / binning), Math.floor(rows / binning)];
  const means = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let row = 0; row < binning; row += 1) {
        for (let column = 0; column < binning; column += 1) {
          sum += pixels[(y * binning + row) * columns + x * binning + column] ?? 0;
        }
      }
      means[y * width + x] = sum / (binning * binning);
    }
  }
  return means;
}

/** The value between four pixels; beyond the edge, that of the edge. */
function between(pixels: Voxels, width: number, height: number, column: number, row: number): number {
  const [x, y] = [Math.floor(column), Math.floor(row)];
  const at = (dx: number, dy: number) =>
    pixels[Math.min(Math.max(y + dy, 0), height - 1) * width + Math.min(Math.max(x + dx, 0), width - 1)] ?? 0;
  const [u, v] = [column - x, row - y];
  return (at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v;
}
