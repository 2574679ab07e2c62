/** The cardiothoracic ratio: the greatest width of the heart, and then that of the chest. */
import { HeartPulse } from 'lucide-react';
import { drawing } from './drawing';

export const cardiothoracic = drawing({ kind: 'cardiothoracic', icon: HeartPulse, keys: [], inMenu: true });
