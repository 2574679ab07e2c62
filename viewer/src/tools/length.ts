/** Length: the distance between two points. */
import { Ruler } from 'lucide-react';
import { drawing } from './drawing';

export const length = drawing({ kind: 'length', icon: Ruler, keys: ['d'] });
