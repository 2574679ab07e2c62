/** The long axis of something, and the short one at right angles to it. */
import { MoveDiagonal } from 'lucide-react';
import { drawing } from './drawing';

export const bidirectional = drawing({ kind: 'bidirectional', icon: MoveDiagonal, keys: ['b'], inMenu: true });
