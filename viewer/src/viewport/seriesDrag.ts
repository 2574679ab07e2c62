/** A series on its way from the list to a viewport: its UID under a type of our own. */
export const seriesDragType = 'application/x-filmless-series';
