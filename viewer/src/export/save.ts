/** Hands a file to the browser's downloads. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has the file by then, or never will.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
