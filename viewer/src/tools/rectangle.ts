/** A rectangle, with the statistics of the values in it. */
import { Square } from 'lucide-react';
import { drawing } from './drawing';

export const rectangle = drawing({ kind: 'rectangle', icon: Square, keys: [], inMenu: true });
