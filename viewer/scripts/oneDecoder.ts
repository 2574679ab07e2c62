/**
 * Cornerstone's loader makes a decoder of HTJ2K for every frame and frees none, so that memory grows by each frame that is looked
 * at (cornerstone3D pull request 1388): frees the one before. A decoder is not used twice, as a damaged frame could be given the
 * pixels of the one before it.
 */
import type { Plugin } from 'vite';

const made = 'const decoder = new local.codec.HTJ2KDecoder();';

/** The code of the loader with at most one decoder at any time; throws if it is not the code that is known here. */
export function withOneDecoder(code: string): string {
  if (code.split(made).length !== 2 || !code.includes('local.decoder = new instance.HTJ2KDecoder();')) {
    throw new Error('decodeHTJ2K.js of @cornerstonejs/dicom-image-loader has changed: see whether it still leaks');
  }
  return code.replace(
    made,
    'local.decoder.delete(); const decoder = new local.codec.HTJ2KDecoder(); local.decoder = decoder;',
  );
}

export function oneDecoder(): Plugin {
  return {
    name: 'filmless:one-decoder',
    enforce: 'pre',
    transform: { filter: { id: /\/decodeHTJ2K\.js$/ }, handler: withOneDecoder },
  };
}
