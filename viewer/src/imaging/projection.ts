/**
 * Which side of the patient a projection shows, and from where: by the image itself, or else by its series (PS3.3
 * C.8.11.7, Mammography Image; C.7.6.1, General Image; C.7.3.1, General Series).
 */
import { type DataSet, item, text } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

export interface Projection {
  readonly isMammogram: boolean;
  readonly laterality: 'L' | 'R' | undefined;
  /** As View Position has it, in capitals. */
  readonly view: string | undefined;
}

/** Codes of View Code Sequence, in both coding schemes (PS3.16 CID 4014, View for Mammography). */
const views: Readonly<Record<string, string>> = {
  'R-10224': 'ML',
  '399260004': 'ML',
  'R-10226': 'MLO',
  '399368009': 'MLO',
  'R-10228': 'LM',
  '399352003': 'LM',
  'R-10230': 'LMO',
  '399099002': 'LMO',
  'R-10242': 'CC',
  '399162004': 'CC',
  'R-10244': 'FB',
  '399196006': 'FB',
  'R-1024A': 'XCC',
  '399192008': 'XCC',
  'R-1024B': 'XCCL',
  '399101009': 'XCCL',
};

function side(value: string | undefined): 'L' | 'R' | undefined {
  return value === 'L' || value === 'R' ? value : undefined;
}

export function projectionOf(instance: DataSet): Projection {
  const shared = item(instance, Tag.SharedFunctionalGroups);
  const anatomy = shared && item(shared, Tag.FrameAnatomySequence);
  const code = item(instance, Tag.ViewCodeSequence);
  return {
    isMammogram: text(instance, Tag.Modality) === 'MG',
    laterality:
      side(text(instance, Tag.ImageLaterality)) ??
      side(anatomy && text(anatomy, Tag.FrameLaterality)) ??
      side(text(instance, Tag.Laterality)),
    view: text(instance, Tag.ViewPosition)?.toUpperCase() ?? views[(code && text(code, Tag.CodeValue)) ?? ''],
  };
}
