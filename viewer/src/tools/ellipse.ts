/** An ellipse, with the statistics of the values in it. */
import { Circle } from 'lucide-react';
import { drawing } from './drawing';

export const ellipse = drawing({ kind: 'ellipse', icon: Circle, keys: ['e'] });
