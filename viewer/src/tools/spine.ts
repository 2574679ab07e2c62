/** Names of vertebrae, one after the other. */
import { Bone } from 'lucide-react';
import { drawing } from './drawing';

export const spine = drawing({ kind: 'spine', icon: Bone, keys: [], inMenu: true });
