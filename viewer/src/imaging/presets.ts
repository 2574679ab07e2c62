/** Windows by body part, in Hounsfield units: those of common viewers and of Vietnamese tenders. */

/** A window to choose; its name is the translation key `presets.<id>`. */
export interface WindowPreset {
  readonly id: (typeof presetIds)[number];
  readonly center: number;
  readonly width: number;
}

const presetIds = [
  'brain',
  'subdural',
  'stroke',
  'softTissue',
  'mediastinum',
  'lung',
  'liver',
  'bone',
  'spine',
  'angio',
  'temporalBone',
  'chest',
  'headNeck',
  'pelvis',
] as const;

/** CT windows; the first ten are on keys (tools/presets.ts). */
const ctPresets: readonly WindowPreset[] = [
  { id: 'brain', center: 40, width: 80 },
  { id: 'subdural', center: 75, width: 200 },
  { id: 'stroke', center: 40, width: 40 },
  { id: 'softTissue', center: 40, width: 400 },
  { id: 'mediastinum', center: 50, width: 350 },
  { id: 'lung', center: -600, width: 1500 },
  { id: 'liver', center: 90, width: 150 },
  { id: 'bone', center: 480, width: 2500 },
  { id: 'spine', center: 50, width: 250 },
  { id: 'angio', center: 300, width: 600 },
  { id: 'temporalBone', center: 700, width: 4000 },
  { id: 'chest', center: 40, width: 350 },
  { id: 'headNeck', center: 90, width: 350 },
  { id: 'pelvis', center: 45, width: 300 },
];

/** The windows for a modality. Only CT numbers mean the same on every machine. */
export function presetsFor(modality: string): readonly WindowPreset[] {
  return modality === 'CT' ? ctPresets : [];
}
