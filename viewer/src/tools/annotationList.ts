/** The list of annotations at the side. */
import { ListChecks } from 'lucide-react';
import type { ActTool } from './types';

export const annotationList: ActTool = {
  kind: 'act',
  id: 'annotationList',
  label: 'annotationList',
  group: 'show',
  icon: ListChecks,
  keys: ['n'],
  run: (context) => context.toggleAnnotationList(),
  isOn: (_, { annotationsListed }) => annotationsListed,
  isEnabled: (_, { annotations }) => annotations !== undefined,
};
