/** An arrow, from its tip, with a text. */
import { ArrowUpLeft } from 'lucide-react';
import { drawing } from './drawing';

export const arrow = drawing({ kind: 'arrow', icon: ArrowUpLeft, keys: [] });
