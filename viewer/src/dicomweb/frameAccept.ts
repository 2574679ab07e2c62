/** In which form frames are asked for (PS3.18 section 8.7, Media Types). */

const asStored = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
/** High-Throughput JPEG 2000 with RPCL: without loss, a third of the bytes. Refused only where it cannot be made. */
const compressed = 'multipart/related; type="image/jphc"; transfer-syntax=1.2.840.10008.1.2.4.202';

interface Connection {
  /** In Mbit/s, as browsers round and cap it. */
  readonly downlink?: number;
  /** In ms. */
  readonly rtt?: number;
}

/** Whether compressing a frame on the server costs less than sending it as it is. Unknown lines are taken for slow ones. */
export function isSlow({ downlink, rtt }: Connection): boolean {
  return downlink === undefined || downlink < 8 || (rtt ?? 0) > 100;
}

const uncompressed = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.2'];

/**
 * Whether frames become smaller: those of another codec grow, twofold where it had loss. Colours are left alone as well: what a
 * codestream of the server's means by its components is not what the metadata say of the stored ones.
 */
export function canBeCompressed(transferSyntax: string | undefined, photometric: string | undefined): boolean {
  return transferSyntax !== undefined && uncompressed.includes(transferSyntax) && /^MONOCHROME/.test(photometric ?? '');
}

/** What to accept for the frames of an instance on the present line. */
export function frameAccept(transferSyntax: string | undefined, photometric: string | undefined): string {
  const connection = (navigator as { readonly connection?: Connection }).connection ?? {};
  const isCompressed = canBeCompressed(transferSyntax, photometric) && isSlow(connection);
  return isCompressed ? `${compressed}, ${asStored};q=0.5` : asStored;
}
