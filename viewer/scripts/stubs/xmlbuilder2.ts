/** Stands in for xmlbuilder2, which vtk.js imports for XML file formats that the viewer never reads or writes. */
export function create(): never {
  throw new Error('XML file formats are not part of this build');
}
