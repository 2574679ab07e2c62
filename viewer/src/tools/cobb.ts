/** The Cobb angle between two lines that need not meet. */
import { Spline } from 'lucide-react';
import { drawing } from './drawing';

export const cobb = drawing({ kind: 'cobb', icon: Spline, keys: ['j'], inMenu: true });
