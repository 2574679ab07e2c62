/** The value at a point. */
import { Crosshair } from 'lucide-react';
import { drawing } from './drawing';

export const probe = drawing({ kind: 'probe', icon: Crosshair, keys: [], inMenu: true });
