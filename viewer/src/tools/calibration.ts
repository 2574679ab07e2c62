/** A known length, from which all sizes on its image follow. */
import { RulerDimensionLine } from 'lucide-react';
import { drawing } from './drawing';

export const calibration = drawing({ kind: 'calibration', icon: RulerDimensionLine, keys: [], inMenu: true });
