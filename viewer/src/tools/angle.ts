/** The angle between two lines that meet. */
import { TriangleRight } from 'lucide-react';
import { drawing } from './drawing';

export const angle = drawing({ kind: 'angle', icon: TriangleRight, keys: ['a'] });
