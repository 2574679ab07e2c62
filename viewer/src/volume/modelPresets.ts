/**
 * The ways to draw a volume in space. Those of Cornerstone are made for Hounsfield units; others go by the window, and
 * the last is the brightest of what is laid over it, alone.
 */
export const modelPresets = ['bone', 'softTissue', 'lung', 'vessels', 'surface', 'maximum', 'above'] as const;
export type ModelPreset = (typeof modelPresets)[number];

export const cornerstonePresets: Readonly<Partial<Record<ModelPreset, string>>> = {
  bone: 'CT-Bone',
  softTissue: 'CT-Soft-Tissue',
  lung: 'CT-Lung',
  vessels: 'CT-Chest-Vessels',
};

/** Whether a preset means anything for values of this modality. */
export function isPresetFor(preset: ModelPreset, modality: string): boolean {
  return cornerstonePresets[preset] === undefined || modality === 'CT';
}

export function firstPreset(modality: string): ModelPreset {
  return modality === 'CT' ? 'bone' : 'maximum';
}
