/** Beside what is shown, the same of the nearest earlier study of its modality and body part. */
import { History } from 'lucide-react';
import type { ActTool } from './types';

export const comparePrior: ActTool = {
  kind: 'act',
  id: 'comparePrior',
  label: 'comparePrior',
  group: 'layout',
  icon: History,
  keys: ['Alt+p'],
  run: (context) => context.comparePrior(),
  isEnabled: (_, { hanging }) => hanging.knowsPriors,
};
