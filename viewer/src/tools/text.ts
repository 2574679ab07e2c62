/** A text at a point. */
import { Type } from 'lucide-react';
import { drawing } from './drawing';

export const text = drawing({ kind: 'text', icon: Type, keys: [], inMenu: true });
