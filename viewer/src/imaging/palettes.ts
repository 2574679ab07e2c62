/** The well-known colour palettes (PS3.6 annex B, Well-known Color Palettes) as points with straight lines between them. */
import type { VoiRange } from './window';

export const paletteIds = [
  'hotIron',
  'pet',
  'hotMetalBlue',
  'pet20Step',
  'spring',
  'summer',
  'fall',
  'winter',
  'grey',
] as const;
export type PaletteId = (typeof paletteIds)[number];

/** Of 256 entries: where the line of a colour bends, and its value there. */
type Channel = readonly (readonly [entry: number, value: number])[];

interface Palette {
  readonly red: Channel;
  readonly green: Channel;
  readonly blue: Channel;
}

/** Each entry and value until the next entry. */
function stairs(...steps: readonly (readonly [entry: number, value: number])[]): Channel {
  return steps.flatMap(([entry, value], at) => [[entry, value] as const, [(steps[at + 1]?.[0] ?? 256) - 1, value]]);
}

const up: Channel = [
  [0, 0],
  [255, 255],
];
const down: Channel = [
  [0, 255],
  [255, 0],
];
const full: Channel = [
  [0, 255],
  [255, 255],
];
const none: Channel = [
  [0, 0],
  [255, 0],
];

/** As tabled, but for roundings of 1 in 255. */
const palettes: Readonly<Record<PaletteId, Palette>> = {
  hotIron: {
    red: [
      [0, 0],
      [128, 255],
      [255, 255],
    ],
    green: [
      [0, 0],
      [128, 0],
      [255, 255],
    ],
    blue: [
      [0, 0],
      [191, 0],
      [255, 255],
    ],
  },
  pet: {
    red: [
      [0, 0],
      [64, 1],
      [192, 255],
      [255, 255],
    ],
    green: [
      [0, 0],
      [63, 128],
      [128, 0],
      [255, 255],
    ],
    blue: [
      [0, 0],
      [128, 255],
      [192, 0],
      [255, 255],
    ],
  },
  hotMetalBlue: {
    red: [
      [0, 0],
      [85, 0],
      [104, 55],
      [120, 93],
      [153, 190],
      [170, 255],
      [255, 255],
    ],
    green: [
      [0, 0],
      [119, 0],
      [252, 250],
      [255, 255],
    ],
    blue: [
      [0, 0],
      [102, 200],
      [119, 150],
      [136, 50],
      [153, 0],
      [170, 0],
      [240, 206],
      [255, 255],
    ],
  },
  pet20Step: {
    red: stairs(
      ...([
        [0, 0],
        [13, 96],
        [26, 48],
        [51, 80],
        [64, 96],
        [77, 112],
        [90, 128],
        [102, 48],
        [128, 80],
        [141, 64],
        [153, 224],
        [166, 208],
        [204, 192],
        [217, 176],
        [230, 255],
      ] as const),
    ),
    green: stairs(
      ...([
        [0, 0],
        [26, 48],
        [51, 80],
        [64, 96],
        [77, 112],
        [90, 128],
        [102, 96],
        [115, 144],
        [128, 192],
        [141, 224],
        [166, 208],
        [179, 176],
        [192, 144],
        [204, 96],
        [217, 48],
        [230, 0],
        [243, 255],
      ] as const),
    ),
    blue: stairs(
      ...([
        [0, 0],
        [13, 80],
        [39, 112],
        [51, 128],
        [64, 176],
        [77, 192],
        [90, 224],
        [102, 48],
        [128, 80],
        [141, 64],
        [153, 80],
        [166, 96],
        [179, 64],
        [192, 0],
        [243, 255],
      ] as const),
    ),
  },
  spring: { red: full, green: up, blue: down },
  summer: {
    red: none,
    green: [
      [0, 255],
      [255, 128],
    ],
    blue: [
      [0, 0],
      [127, 0],
      [255, 254],
    ],
  },
  fall: { red: full, green: down, blue: none },
  winter: {
    red: [
      [0, 0],
      [128, 1],
      [255, 127],
    ],
    green: up,
    blue: [
      [0, 255],
      [255, 128],
    ],
  },
  grey: { red: up, green: up, blue: up },
};

function channelAt(channel: Channel, entry: number): number {
  const after = channel.findIndex(([at]) => at >= entry);
  const [high, highValue] = channel[after] ?? [255, 0];
  const [low, lowValue] = channel[after - 1] ?? [high, highValue];
  return high === low ? highValue : lowValue + ((entry - low) / (high - low)) * (highValue - lowValue);
}

export interface ColourPoint {
  readonly value: number;
  /** Red, green and blue from 0 to 1. */
  readonly colour: readonly [number, number, number];
}

/** The points to draw a palette by, spread over a range of values. */
export function coloursOf(id: PaletteId, { lower, upper }: VoiRange): readonly ColourPoint[] {
  const { red, green, blue } = palettes[id];
  const entries = [...new Set([red, green, blue].flatMap((channel) => channel.map(([entry]) => entry)))];
  return entries
    .sort((a, b) => a - b)
    .map((entry) => ({
      value: lower + (entry / 255) * (upper - lower),
      colour: [channelAt(red, entry) / 255, channelAt(green, entry) / 255, channelAt(blue, entry) / 255],
    }));
}
