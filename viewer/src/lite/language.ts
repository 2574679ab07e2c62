/** The language that the reader chose in the app, which only the browser remembers, is told to the server by a cookie. */

/** Whether the page came in another language than the chosen one; it comes in that when it is loaded again. */
export function isOtherLanguage(): boolean {
  const chosen = localStorage.getItem('filmless.language');
  if (chosen === null || chosen === document.documentElement.lang || !['vi', 'en'].includes(chosen)) {
    return false;
  }
  // biome-ignore lint/suspicious/noDocumentCookie: the other way is not in all browsers
  document.cookie = `filmless_language=${chosen}; path=/; max-age=31536000; samesite=strict`;
  // Without cookies it would come in the same again.
  return document.cookie.includes(`filmless_language=${chosen}`);
}
