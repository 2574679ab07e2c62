/** What the page of a study has of its annotations once they are there; types only, as all else comes lazily. */
import type { ComponentType } from 'react';
import type { Series } from '../dicomweb/series';
import type { Cell, Reading } from '../viewport/readingState';
import type { Desk } from './desk';
import type { Keeper } from './keeper';

export interface LayerProps {
  readonly desk: Desk;
  readonly cell: Cell;
}

export interface SideProps {
  readonly table: AnnotationTable;
  readonly reading: Reading;
  readonly list: readonly Series[] | undefined;
}

export interface AnnotationTable {
  readonly desk: Desk;
  readonly keeper: Keeper;
  /** Over the picture of a viewport. */
  readonly Layer: ComponentType<LayerProps>;
  /** At the side of the page. */
  readonly Side: ComponentType<SideProps>;
}
