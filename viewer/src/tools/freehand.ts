/** A region that is drawn freehand, with the statistics of the values in it. */
import { Lasso } from 'lucide-react';
import { drawing } from './drawing';

export const freehand = drawing({ kind: 'freehand', icon: Lasso, keys: [], inMenu: true });
