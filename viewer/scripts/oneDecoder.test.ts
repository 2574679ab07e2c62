import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { withOneDecoder } from './oneDecoder';

const modules = fileURLToPath(new URL('../node_modules/@cornerstonejs', import.meta.url));
// It is not exported.
const loader = `${modules}/dicom-image-loader/dist/esm/shared/decoders/decodeHTJ2K.js`;

interface Loader {
  readonly initialize: (config: { wasmBasePath: string }) => Promise<void>;
  readonly default: (codestream: Uint8Array, image: object) => Promise<{ pixelData: Uint16Array }>;
}

/** The codestream of a file of one frame: from Start of Codestream to End of Codestream (ISO/IEC 15444-1 A.2). */
function codestream(file: string): Uint8Array {
  const bytes = readFileSync(`../testdata/dicom/transfer-syntaxes/${file}`);
  const from = bytes.indexOf(Buffer.from('ff4fff51', 'hex'));
  return new Uint8Array(bytes.subarray(from, bytes.lastIndexOf(Buffer.from('ffd9', 'hex')) + 2));
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('decoding HTJ2K', () => {
  it('takes no more memory however many frames are decoded', async () => {
    const { default: decode, initialize } = (await import(loader)) as Loader;
    await initialize({ wasmBasePath: `${modules}/codec-openjph/dist/` });
    const encoded = codestream('htj2k_rpcl_lossless_16bit.dcm');
    const first = await decode(encoded, {});
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    // More than the 50 MB that the decoder begins with.
    const frames = Math.ceil(100e6 / first.pixelData.byteLength);
    for (let frame = 0; frame < frames; frame += 1) {
      const { pixelData } = await decode(encoded, {});
      expect(pixelData.length).toBe(first.pixelData.length);
    }
    expect(grow).not.toHaveBeenCalled();
  });

  it('is built only from the code of the loader that is known', () => {
    const code = readFileSync(loader, 'utf8');
    expect(withOneDecoder(code)).toContain('local.decoder.delete()');
    expect(() => withOneDecoder(code.replace('HTJ2KDecoder()', 'Decoder()'))).toThrow('has changed');
  });
});
